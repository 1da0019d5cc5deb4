/* An empty slot: the magic and eight zero bytes. Packing replaces it and everything behind it. */
__attribute__((section(".seabag"), used, aligned(65536))) const unsigned char seabag_slot[16] = {
    0x89, 'S', 'E', 'A', 'B', 'A', 'G', '\n'};
