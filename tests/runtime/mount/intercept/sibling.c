int seabag_test_number(void);
int seabag_test_number(void) { return 21; }
