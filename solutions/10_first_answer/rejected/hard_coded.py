"""Rejected by test_the_first_answer_is_returned: WRONG_ANSWER. The answer of one day, for every sheet."""



async def fetch_sheet(sheet, mirrors):
    return "harbour 3, as east has it"
