"""Rejected by test_a_whole_night: WRONG_ANSWER (never_awaited). The stub with `async` put in front: nothing is ever photographed."""

async def observe(targets, expose, save, park):
    pictures = []
    try:
        for target in targets:
            pictures.append(expose(target))
    except KeyboardInterrupt:
        print(f"Stopped after {len(pictures)} pictures.")
        raise
    finally:
        try:
            save(pictures)
        finally:
            park()
    return [str(picture) for picture in pictures]
