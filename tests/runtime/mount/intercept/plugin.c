int seabag_test_number(void);
int seabag_test_answer(void);
int seabag_test_answer(void) { return seabag_test_number() * 2; }
