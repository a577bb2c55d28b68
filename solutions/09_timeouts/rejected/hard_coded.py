"""Rejected by test_all_are_asked_at_once: WRONG_ANSWER. The board of one day, for every day."""



async def read_board(stations, patience, within):
    return dict.fromkeys(stations, "14:05 to Odense")
