/* A program that does not start without the library that it needs. */
int seabag_test_number(void);

int main(void) { return seabag_test_number(); }
