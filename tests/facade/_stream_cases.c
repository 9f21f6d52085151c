/* SPDX-License-Identifier: Apache-2.0
 *
 * What programs do with streams, as functions that note what they were told. Compiled twice: for this machine with its own libc, and as a
 * kernel. Both must note the same numbers and leave the same files. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NOTE(value) (out[n++] = (long)(value))
#define CASE(name) static int name(long *out, int n)

/* A sum that tells texts apart. */
static long digest(const char *p, size_t length) {
    unsigned long sum = 14695981039346656037ul;
    for (size_t i = 0; i < length; i++) sum = (sum ^ (unsigned char)p[i]) * 1099511628211ul;
    return (long)(sum & 0xffffff);
}
static void write_file(const char *path, const char *text) {
    FILE *f = fopen(path, "w");
    fputs(text, f);
    fclose(f);
}

CASE(modes) {
    static const char *const all[] = {"r", "r+", "w", "w+", "a", "a+", "wx", "rb+", "wbe", "r+b", "", "q", "R", "w+x", "ax", "rw"};
    for (int i = 0; i < (int)(sizeof all / sizeof *all); i++) {
        for (int there = 0; there < 2; there++) {
            char text[32];
            remove("m.txt");
            if (there) write_file("m.txt", "0123456789");
            errno = 0;
            FILE *f = fopen("m.txt", all[i]);
            NOTE(f != NULL);
            if (!f) {
                NOTE(errno);
                continue;
            }
            NOTE(ftell(f));
            errno = 0;
            NOTE(fputs("ab", f));
            NOTE(errno);
            NOTE(ferror(f) != 0);
            clearerr(f);
            NOTE(fseek(f, 1, SEEK_SET));
            errno = 0;
            memset(text, 0, sizeof text);
            NOTE(fread(text, 1, 4, f));
            NOTE(errno);
            NOTE(ferror(f) != 0);
            NOTE(feof(f) != 0);
            NOTE(digest(text, sizeof text));
            NOTE(fclose(f));
            f = fopen("m.txt", "r");
            memset(text, 0, sizeof text);
            NOTE(fread(text, 1, sizeof text, f));
            NOTE(digest(text, sizeof text));
            fclose(f);
        }
    }
    remove("m.txt");
    errno = 0;
    NOTE(fopen("no/such/file", "w") != NULL);
    NOTE(errno);
    errno = 0;
    NOTE(fopen(".", "w") != NULL);
    NOTE(errno);
    return n;
}

CASE(ends) { /* the end of a file, and what makes it be forgotten */
    FILE *f, *more;
    write_file("e.txt", "abc");
    f = fopen("e.txt", "r");
    more = fopen("e.txt", "a");
    for (int i = 0; i < 4; i++) NOTE(fgetc(f));
    NOTE(feof(f) != 0);
    fputs("de", more);
    fflush(more);
    NOTE(fgetc(f)); /* still at its end */
    clearerr(f);
    NOTE(fgetc(f));
    NOTE(ungetc('X', f));
    NOTE(fgetc(f));
    NOTE(fgetc(f));
    NOTE(fgetc(f));
    NOTE(feof(f) != 0);
    NOTE(ungetc('Y', f));
    NOTE(feof(f) != 0);
    NOTE(fgetc(f));
    NOTE(fgetc(f));
    NOTE(fseek(f, 0, SEEK_CUR));
    NOTE(feof(f) != 0);
    NOTE(ungetc(EOF, f));
    rewind(f);
    NOTE(fgetc(f));
    fclose(f);
    fclose(more);
    return n;
}

CASE(pushed_back) {
    FILE *f;
    char text[16] = {0};
    write_file("p.txt", "hello");
    f = fopen("p.txt", "r");
    NOTE(fgetc(f));
    NOTE(fgetc(f));
    NOTE(ungetc('1', f));
    NOTE(ungetc('2', f));
    NOTE(ftell(f));
    NOTE(fread(text, 1, 3, f));
    NOTE(digest(text, 3));
    NOTE(ftell(f));
    NOTE(ungetc(0xff, f));
    NOTE(fgetc(f));
    NOTE(ungetc('Q', f));
    NOTE(fseek(f, 1, SEEK_SET));
    NOTE(fgetc(f));
    NOTE(fseek(f, -1, SEEK_CUR));
    NOTE(fgetc(f));
    fclose(f);
    return n;
}

CASE(both_ways) {
    FILE *f = fopen("b.txt", "w+");
    char text[64] = {0};
    NOTE(fputs("one\ntwo\nthree\n", f));
    NOTE(ftell(f));
    rewind(f);
    NOTE(fgets(text, sizeof text, f) == text);
    NOTE(digest(text, 4));
    NOTE(ftell(f));
    NOTE(fseek(f, 0, SEEK_CUR));
    NOTE(fputs("TWO", f));
    NOTE(fflush(f));
    NOTE(ftell(f));
    NOTE(fseek(f, -3, SEEK_END));
    NOTE(fgetc(f));
    NOTE(fseek(f, 0, SEEK_END));
    NOTE(fputc('!', f));
    NOTE(fseek(f, 100, SEEK_SET));
    NOTE(fputc('z', f));
    NOTE(ftell(f));
    errno = 0;
    NOTE(fseek(f, -5, SEEK_SET));
    NOTE(errno);
    errno = 0;
    NOTE(fseek(f, 0, 9));
    NOTE(errno);
    fclose(f);
    f = fopen("b.txt", "a+");
    NOTE(fputs("tail", f));
    NOTE(ftell(f));
    NOTE(fseek(f, 2, SEEK_SET));
    NOTE(fgetc(f));
    NOTE(fseek(f, 0, SEEK_CUR));
    NOTE(fputs("er", f));
    NOTE(ftell(f));
    fclose(f);
    return n;
}

CASE(blocks) {
    FILE *f = fopen("k.bin", "w+b");
    static const int sizes[] = {1, 7, 100, 4095, 4096, 4097, 10000, 65536, 3};
    char *block = malloc(70000), *back = malloc(400000);
    size_t total = 0;
    for (int i = 0; i < 70000; i++) block[i] = (char)(i * 7 + i / 251);
    for (int i = 0; i < (int)(sizeof sizes / sizeof *sizes); i++) {
        NOTE(fwrite(block, 1, (size_t)sizes[i], f));
        total += (size_t)sizes[i];
        NOTE(ftell(f));
    }
    NOTE(fwrite(block, 10, 5, f));
    NOTE(fwrite(block, 0, 5, f));
    NOTE(fwrite(block, 5, 0, f));
    rewind(f);
    NOTE(fread(back, 1, 400000, f));
    NOTE(feof(f) != 0);
    NOTE(digest(back, total + 50));
    NOTE(fseek(f, 3, SEEK_SET));
    for (int i = 0; i < 6; i++) {
        NOTE(fread(back, (size_t)(i * 1000 + 3), 4, f));
        NOTE(digest(back, (size_t)(i * 1000 + 3) * 4));
        NOTE(ftell(f));
    }
    NOTE(fread(back, 100000, 3, f)); /* a part of an item is no item */
    NOTE(feof(f) != 0);
    NOTE(ftell(f));
    fclose(f);
    free(block);
    free(back);
    return n;
}

CASE(lines) {
    FILE *f;
    char text[8], *line = NULL;
    size_t room = 0;
    write_file("l.txt", "short\n\na line of more than eight\nlast without end");
    f = fopen("l.txt", "r");
    for (int i = 0; i < 12; i++) {
        memset(text, '#', sizeof text);
        NOTE(fgets(text, sizeof text, f) == text);
        NOTE(digest(text, sizeof text));
    }
    rewind(f);
    NOTE(fgets(text, 1, f) == text);
    NOTE(text[0]);
    for (;;) {
        long got = getline(&line, &room, f);
        NOTE(got);
        if (got < 0) break;
        NOTE(digest(line, (size_t)got + 1));
    }
    rewind(f);
    NOTE(getdelim(&line, &room, 'i', f));
    NOTE(digest(line, strlen(line)));
    free(line);
    line = NULL;
    room = 0;
    fclose(f);
    f = fopen("long.txt", "w");
    for (int i = 0; i < 20000; i++) fputc('a' + i % 26, f);
    fputc('\n', f);
    fclose(f);
    f = fopen("long.txt", "r");
    NOTE(getline(&line, &room, f));
    NOTE(digest(line, 20001));
    NOTE(getline(&line, &room, f));
    free(line);
    fclose(f);
    return n;
}

CASE(unlocked) {
    FILE *f = fopen("u1.txt", "w+"), *g = fopen("u2.txt", "w");
    int c, count = 0;
    flockfile(g);
    for (int i = 0; i < 9000; i++) putc_unlocked('a' + i % 26, g);
    fprintf(g, "%d", 7);
    putc_unlocked(0xff, g);
    funlockfile(g);
    NOTE(ftell(g));
    NOTE(fclose(g));
    g = fopen("u2.txt", "r");
    while ((c = getc_unlocked(g)) != EOF) {
        count++;
        putc_unlocked(c, f);
    }
    NOTE(count);
    NOTE(feof_unlocked(g) != 0);
    NOTE(ftell(f));
    rewind(f);
    NOTE(getc_unlocked(f));
    fclose(f);
    fclose(g);
    return n;
}

CASE(memory) {
    char room[16], *text = NULL;
    size_t length = 99;
    static const char *const all[] = {"r", "r+", "w", "w+", "a", "a+"};
    for (int i = 0; i < 6; i++) {
        memset(room, '#', sizeof room);
        memcpy(room, "abcdef", 7);
        FILE *f = fmemopen(room, sizeof room, all[i]);
        NOTE(ftell(f));
        NOTE(fgetc(f));
        clearerr(f);
        NOTE(fseek(f, 2, SEEK_SET));
        NOTE(fputs("XY", f) >= 0);
        NOTE(fflush(f));
        NOTE(digest(room, sizeof room));
        NOTE(fseek(f, 0, SEEK_SET));
        NOTE(fgetc(f));
        errno = 0;
        NOTE(fseek(f, 17, SEEK_SET));
        NOTE(errno);
        clearerr(f);
        fclose(f);
    }
    FILE *f = open_memstream(&text, &length);
    NOTE(length);
    for (int i = 0; i < 3000; i++) fprintf(f, "%d,", i);
    NOTE(ftell(f));
    NOTE(fflush(f));
    NOTE(length);
    NOTE(digest(text, length + 1));
    fputs("end", f);
    NOTE(fclose(f));
    NOTE(length);
    NOTE(digest(text, length + 1));
    free(text);
    return n;
}

CASE(formatted) {
    FILE *f = fopen("f.txt", "w+");
    char word[40], *made = NULL;
    int a = 0, b = 0;
    double x = 0;
    NOTE(fprintf(f, "%d %s %5.2f|%-6x|%c\n", 42, "text", 3.14159, 255, 'q'));
    NOTE(fprintf(f, "%*d\n", 5000, 7));
    NOTE(fprintf(f, "%s", ""));
    for (int i = 0; i < 500; i++) fprintf(f, "line %d of %d\n", i, 500);
    NOTE(ftell(f));
    rewind(f);
    NOTE(fscanf(f, "%d %39s %lf|%x", &a, word, &x, (unsigned *)&b));
    NOTE(a);
    NOTE(b);
    NOTE(x * 100);
    NOTE(digest(word, strlen(word)));
    NOTE(ftell(f));
    NOTE(fscanf(f, "|%c%d", word, &a));
    NOTE(a);
    NOTE(fscanf(f, " line %d of %d line %d", &a, &b, (int *)word));
    NOTE(fscanf(f, "%d", &a));
    NOTE(fgetc(f));
    NOTE(fseek(f, -3, SEEK_END));
    NOTE(fscanf(f, "%d%d", &a, &b));
    NOTE(a);
    NOTE(feof(f) != 0);
    NOTE(fscanf(f, "%d", &a));
    NOTE(asprintf(&made, "%s-%d-%s", "a", 12345, "zz"));
    NOTE(digest(made, strlen(made)));
    free(made);
    fclose(f);
    return n;
}

CASE(buffers) {
    static char own[1000];
    char text[64];
    for (int mode = 0; mode < 3; mode++) {
        FILE *f = fopen("v.txt", "w"), *r = fopen("v.txt", "r");
        static const int modes[] = {_IOFBF, _IOLBF, _IONBF};
        NOTE(setvbuf(f, mode == 1 ? NULL : own, modes[mode], sizeof own));
        NOTE(setvbuf(r, NULL, _IONBF, 0));
        fputs("ab", f);
        NOTE(fgetc(r));
        clearerr(r);
        fputs("c\nd", f);
        memset(text, 0, sizeof text);
        NOTE(fread(text, 1, 60, r));
        NOTE(digest(text, 60));
        clearerr(r);
        fprintf(f, "%d\n%d", 1, 2);
        NOTE(fread(text, 1, 60, r));
        clearerr(r);
        fflush(f);
        NOTE(fread(text, 1, 60, r));
        NOTE(fputc('\n', f));
        clearerr(r);
        NOTE(fread(text, 1, 60, r));
        fclose(f);
        fclose(r);
    }
    FILE *f = fopen("v.txt", "r");
    errno = 0;
    NOTE(setvbuf(f, NULL, 7, 0) != 0);
    fclose(f);
    f = fopen("w.txt", "w");
    setbuf(f, NULL);
    fputs("now", f);
    FILE *r = fopen("w.txt", "r");
    NOTE(fgetc(r));
    fputc('x', f);
    fflush(NULL);
    NOTE(fclose(r));
    NOTE(fclose(f));
    return n;
}

CASE(wrong_way) {
    FILE *f = fopen("y.txt", "w"), *r;
    errno = 0;
    NOTE(fgetc(f));
    NOTE(errno);
    NOTE(ferror(f) != 0);
    NOTE(feof(f) != 0);
    fputs("x", f);
    fclose(f);
    r = fopen("y.txt", "r");
    errno = 0;
    NOTE(fputc('a', r));
    NOTE(errno);
    NOTE(ferror(r) != 0);
    clearerr(r);
    errno = 0;
    NOTE(fprintf(r, "%d", 5));
    NOTE(errno);
    NOTE(fwrite("a", 1, 1, r));
    NOTE(fputs("a", r));
    clearerr(r);
    NOTE(fgetc(r));
    fclose(r);
    errno = 0;
    NOTE(fdopen(77, "r") != NULL);
    NOTE(errno);
    int fd = open("y.txt", O_RDONLY);
    errno = 0;
    NOTE(fdopen(fd, "w") != NULL);
    NOTE(errno);
    r = fdopen(fd, "r");
    NOTE(fileno(r) == fd);
    NOTE(fgetc(r));
    fclose(r);
    errno = 0;
    NOTE(close(fd));
    NOTE(errno);
    fd = open("y.txt", O_WRONLY);
    f = fdopen(fd, "a");
    fputs("more", f);
    NOTE(ftell(f));
    fclose(f);
    return n;
}

CASE(positions) {
    FILE *f = fopen("o.txt", "w+");
    fpos_t here, there;
    fputs("0123456789", f);
    NOTE(fgetpos(f, &here));
    NOTE(fseek(f, 4, SEEK_SET));
    NOTE(fgetpos(f, &there));
    NOTE(fgetc(f));
    NOTE(fsetpos(f, &here));
    NOTE(ftell(f));
    NOTE(fgetc(f));
    NOTE(fsetpos(f, &there));
    NOTE(feof(f) != 0);
    NOTE(fgetc(f));
    NOTE(fflush(f));
    NOTE(lseek(fileno(f), 0, SEEK_CUR)); /* where the stream is */
    NOTE(fgetc(f));
    NOTE(fseeko(f, 1, SEEK_CUR));
    NOTE(fgetc(f));
    NOTE(ftello(f));
    fclose(f);
    int ends[2];
    NOTE(pipe(ends));
    f = fdopen(ends[1], "w");
    FILE *r = fdopen(ends[0], "r");
    fputs("through a pipe\n", f);
    errno = 0;
    NOTE(ftell(f));
    NOTE(errno);
    NOTE(fclose(f));
    char text[32];
    NOTE(fgets(text, sizeof text, r) == text);
    NOTE(fseek(r, 0, SEEK_SET));
    NOTE(fgetc(r));
    NOTE(feof(r) != 0);
    fclose(r);
    return n;
}

CASE(reopened) {
    FILE *f, *same;
    char text[32] = {0};
    write_file("r1.txt", "first");
    f = fopen("r1.txt", "a");
    fputs(" and", f);
    same = freopen("r2.txt", "w+", f);
    NOTE(same == f);
    NOTE(fputs("second", f));
    rewind(f);
    NOTE(fread(text, 1, 30, f));
    NOTE(feof(f) != 0);
    NOTE(digest(text, 32));
    errno = 0;
    NOTE(freopen("no/such", "r", f) != NULL);
    NOTE(errno);
    f = tmpfile();
    NOTE(f != NULL);
    fputs("nameless", f);
    rewind(f);
    memset(text, 0, sizeof text);
    NOTE(fread(text, 1, 30, f));
    NOTE(digest(text, 32));
    fclose(f);
    f = fopen("r1.txt", "r");
    memset(text, 0, sizeof text);
    NOTE(fread(text, 1, 30, f));
    NOTE(digest(text, 32));
    fclose(f);
    NOTE(rename("r1.txt", "r3.txt"));
    NOTE(remove("r2.txt"));
    errno = 0;
    NOTE(remove("r2.txt"));
    NOTE(errno);
    return n;
}

CASE(many) { /* as many as there are numbers for */
    static FILE *f[600];
    int count = 0;
    char name[32];
    for (; count < 40; count++) {
        snprintf(name, sizeof name, "n%d.txt", count);
        f[count] = fopen(name, "w");
        if (!f[count]) break;
    }
    NOTE(count);
    for (int round = 0; round < 3; round++)
        for (int i = 0; i < count; i++) fprintf(f[i], "%d:%d\n", i, round);
    for (int i = 0; i < count; i++) NOTE(fclose(f[i]));
    return n;
}

/* Redirected, and back: what is printed goes where the descriptor goes. */
CASE(redirected) {
    int kept, fd;
    fflush(stdout);
    kept = dup(1);
    fd = open("d.txt", O_WRONLY | O_CREAT | O_TRUNC, 0644);
    NOTE(dup2(fd, 1));
    close(fd);
    printf("to the file %d\n", 1);
    puts("and this");
    fflush(stdout);
    write(1, "by descriptor\n", 14);
    printf("%s", "last\n");
    fflush(stdout);
    NOTE(dup2(kept, 1));
    close(kept);
    printf("back again\n");
    fflush(stdout);
    int ends[2];
    char text[32];
    kept = dup(1);
    NOTE(pipe(ends));
    NOTE(dup2(ends[1], 1));
    close(ends[1]);
    printf("through a pipe\n");
    fflush(stdout);
    NOTE(dup2(kept, 1)); /* nobody has the pipe's end any more */
    close(kept);
    NOTE(read(ends[0], text, sizeof text));
    NOTE(read(ends[0], text, sizeof text));
    close(ends[0]);
    return n;
}

int stream_case(int which, long *out);
int stream_case(int which, long *out) {
    switch (which) {
    case 0: return modes(out, 0);
    case 1: return ends(out, 0);
    case 2: return pushed_back(out, 0);
    case 3: return both_ways(out, 0);
    case 4: return blocks(out, 0);
    case 5: return lines(out, 0);
    case 6: return formatted(out, 0);
    case 7: return buffers(out, 0);
    case 8: return wrong_way(out, 0);
    case 9: return positions(out, 0);
    case 10: return reopened(out, 0);
    case 11: return many(out, 0);
    case 12: return redirected(out, 0);
    case 13: return unlocked(out, 0);
    case 14: return memory(out, 0);
    default: return -1;
    }
}
