// An empty slot: the magic and eight zero bytes. Packing replaces it and puts more behind it.
extern "C" {
extern const unsigned char seabag_slot[16];

[[gnu::section(".seabag"), gnu::used, gnu::aligned(65536)]] const unsigned char seabag_slot[16] = {
    0x89, 'S', 'E', 'A', 'B', 'A', 'G', '\n'};
}
