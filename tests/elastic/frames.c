/* What a C library does with a stack. Compiled twice: with probes, which touch a large frame page by page as it is
   made, and without. */

/* One frame of a mebibyte, touched at its far end only. */
int LARGE(int n) {
    volatile char room[1 << 20];
    room[0] = (char)n;
    return room[0] + 1;
}

/* n frames of some 20 KB, each larger than any guard. */
int DEEP(int n) {
    volatile char room[20000];
    room[0] = (char)n;
    if (n == 0) return 0;
    return DEEP(n - 1) + (room[0] == (char)n);
}
