/* SPDX-License-Identifier: Apache-2.0
 *
 * tarls: lists what a tar archive holds, like "tar -tv" does, and can print a member.
 *
 *     tarls [-l] [-s] [-x NAME] [ARCHIVE]
 *
 * -l lists modes, owners, sizes and times; -s adds sums; -x writes the bytes of one member to standard output. Without ARCHIVE, or with "-",
 * standard input is read. Understands ustar with prefixes, GNU long names and base-256 numbers, and pax headers (path, linkpath, size,
 * mtime, uname, gname). Damage is reported and ends the listing with status 1.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { BLOCK = 512 };

struct header {
    char name[100];
    char mode[8];
    char uid[8];
    char gid[8];
    char size[12];
    char mtime[12];
    char sum[8];
    char type;
    char link[100];
    char magic[6];
    char version[2];
    char uname[32];
    char gname[32];
    char major[8];
    char minor[8];
    char prefix[155];
    char pad[12];
};

/* What is known of a member; strings that an extended header gave win over those of the header proper. */
struct member {
    char *path;
    char *link;
    char *uname;
    char *gname;
    long long size;
    long long mtime;
    int has_size, has_mtime;
    unsigned mode;
    long long uid, gid;
    long long major, minor;
    char type;
};

struct totals {
    long files, folders, links, others;
    long long bytes;
};

static const char *archive = "-";

static void *need(void *p) {
    if (p == NULL) {
        fprintf(stderr, "tarls: out of memory\n");
        exit(3);
    }
    return p;
}

static int damaged(const char *what, long long at) {
    fflush(stdout);
    fprintf(stderr, "tarls: %s: %s at byte %lld\n", archive, what, at);
    return 1;
}

static char *text_of(const char *field, size_t room) {
    size_t n = strnlen(field, room);
    char *p = need(malloc(n + 1));
    memcpy(p, field, n);
    p[n] = '\0';
    return p;
}

/* A number in octal, or in base 256 where its first bit is set. */
static long long number(const char *field, size_t room) {
    const unsigned char *p = (const unsigned char *)field;
    long long value = 0;
    size_t i;
    if (p[0] & 0x80) {
        value = p[0] & 0x40 ? -1 : 0;
        value = value * 64 + (p[0] & 0x3f);
        for (i = 1; i < room; i++) value = (long long)((unsigned long long)value << 8 | p[i]);
        return value;
    }
    for (i = 0; i < room && p[i] == ' '; i++) {
    }
    for (; i < room && p[i] >= '0' && p[i] <= '7'; i++) value = value * 8 + (p[i] - '0');
    return value;
}

/* The sum over the block, with blanks for the field that holds it. */
static int sum_fits(const struct header *h) {
    const unsigned char *p = (const unsigned char *)h;
    long plain = 0;
    size_t i, from = (size_t)((const char *)h->sum - (const char *)h);
    for (i = 0; i < BLOCK; i++) plain += i >= from && i < from + 8 ? ' ' : p[i];
    return plain == number(h->sum, sizeof h->sum);
}

/* Reads n bytes, whatever pieces they come in. Returns what there was. */
static size_t read_all(int fd, void *to, size_t n) {
    size_t done = 0;
    while (done < n) {
        ssize_t got = read(fd, (char *)to + done, n - done);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) {
            fprintf(stderr, "tarls: %s: %s\n", archive, strerror(errno));
            exit(3);
        }
        if (got == 0) break;
        done += (size_t)got;
    }
    return done;
}

/* Passes over the bytes of a member and its padding, and hands them out where wanted. Seeks where the archive can. */
static int pass(int fd, long long size, FILE *out) {
    static char buffer[64 * BLOCK];
    long long padded = (size + BLOCK - 1) / BLOCK * BLOCK;
    if (out == NULL && padded > 0) {
        off_t here = lseek(fd, 0, SEEK_CUR), end;
        if (here >= 0 && (end = lseek(fd, 0, SEEK_END)) >= 0) {
            if (end - here < padded) return -1;
            return lseek(fd, here + padded, SEEK_SET) < 0 ? -1 : 0;
        }
    }
    while (padded > 0) {
        size_t want = padded < (long long)sizeof buffer ? (size_t)padded : sizeof buffer, data = want;
        if (read_all(fd, buffer, want) != want) return -1;
        if (size < (long long)data) data = (size_t)size;
        if (out != NULL) fwrite(buffer, 1, data, out);
        size -= (long long)data;
        padded -= (long long)want;
    }
    return 0;
}

static void take(char **place, char *text) {
    free(*place);
    *place = text;
}

/* A pax header: records "LENGTH KEY=VALUE\n". */
static int read_pax(struct member *m, const char *p, size_t left) {
    while (left > 0) {
        char *end;
        unsigned long length = strtoul(p, &end, 10);
        const char *key, *equals, *stop;
        size_t n;
        if (*end != ' ' || length == 0 || length > left || p[length - 1] != '\n') return -1;
        key = end + 1;
        stop = p + length - 1;
        equals = memchr(key, '=', (size_t)(stop - key));
        if (equals == NULL) return -1;
        n = (size_t)(equals - key);
        equals++;
        if (n == 4 && memcmp(key, "path", n) == 0) {
            take(&m->path, text_of(equals, (size_t)(stop - equals)));
        } else if (n == 8 && memcmp(key, "linkpath", n) == 0) {
            take(&m->link, text_of(equals, (size_t)(stop - equals)));
        } else if (n == 5 && memcmp(key, "uname", n) == 0) {
            take(&m->uname, text_of(equals, (size_t)(stop - equals)));
        } else if (n == 5 && memcmp(key, "gname", n) == 0) {
            take(&m->gname, text_of(equals, (size_t)(stop - equals)));
        } else if (n == 4 && memcmp(key, "size", n) == 0) {
            m->size = strtoll(equals, NULL, 10);
            m->has_size = 1;
        } else if (n == 5 && memcmp(key, "mtime", n) == 0) {
            m->mtime = strtoll(equals, NULL, 10);
            m->has_mtime = 1;
        }
        p += length;
        left -= length;
    }
    return 0;
}

static void fill_member(struct member *m, const struct header *h) {
    int ustar = memcmp(h->magic, "ustar", 5) == 0;
    if (m->path == NULL) {
        char *name = text_of(h->name, sizeof h->name);
        if (ustar && h->magic[5] == '\0' && h->prefix[0] != '\0') {
            char *prefix = text_of(h->prefix, sizeof h->prefix);
            char *both = need(malloc(strlen(prefix) + strlen(name) + 2));
            sprintf(both, "%s/%s", prefix, name);
            free(prefix);
            free(name);
            name = both;
        }
        m->path = name;
    }
    if (m->link == NULL) m->link = text_of(h->link, sizeof h->link);
    if (m->uname == NULL) m->uname = text_of(h->uname, ustar ? sizeof h->uname : 0);
    if (m->gname == NULL) m->gname = text_of(h->gname, ustar ? sizeof h->gname : 0);
    m->mode = (unsigned)number(h->mode, sizeof h->mode);
    m->uid = number(h->uid, sizeof h->uid);
    m->gid = number(h->gid, sizeof h->gid);
    if (!m->has_size) m->size = number(h->size, sizeof h->size);
    if (!m->has_mtime) m->mtime = number(h->mtime, sizeof h->mtime);
    m->major = number(h->major, sizeof h->major);
    m->minor = number(h->minor, sizeof h->minor);
    m->type = h->type == '\0' || h->type == '7' ? '0' : h->type;
    if (m->type == '0' && *m->path != '\0' && m->path[strlen(m->path) - 1] == '/') m->type = '5';
}

static void clear_member(struct member *m) {
    free(m->path);
    free(m->link);
    free(m->uname);
    free(m->gname);
    memset(m, 0, sizeof *m);
}

static void mode_text(const struct member *m, char *out) {
    static const char letters[] = "rwxrwxrwx";
    int i;
    switch (m->type) {
        case '1': out[0] = 'h'; break;
        case '2': out[0] = 'l'; break;
        case '3': out[0] = 'c'; break;
        case '4': out[0] = 'b'; break;
        case '5': out[0] = 'd'; break;
        case '6': out[0] = 'p'; break;
        default: out[0] = '-';
    }
    for (i = 0; i < 9; i++) out[1 + i] = m->mode & (0400U >> i) ? letters[i] : '-';
    if (m->mode & 04000) out[3] = out[3] == 'x' ? 's' : 'S';
    if (m->mode & 02000) out[6] = out[6] == 'x' ? 's' : 'S';
    if (m->mode & 01000) out[9] = out[9] == 'x' ? 't' : 'T';
    out[10] = '\0';
}

static void print_member(const struct member *m, int detail) {
    if (detail) {
        char mode[11], when[32], owner[80], size[32];
        struct tm parts;
        time_t seconds = (time_t)m->mtime;
        mode_text(m, mode);
        if (*m->uname != '\0') snprintf(owner, sizeof owner, "%s/%s", m->uname, m->gname);
        else snprintf(owner, sizeof owner, "%lld/%lld", m->uid, m->gid);
        if (m->type == '3' || m->type == '4') snprintf(size, sizeof size, "%lld,%lld", m->major, m->minor);
        else snprintf(size, sizeof size, "%lld", m->type == '0' ? m->size : 0);
        if (gmtime_r(&seconds, &parts) == NULL || strftime(when, sizeof when, "%Y-%m-%d %H:%M", &parts) == 0) strcpy(when, "?");
        printf("%s %-12s %9s %s ", mode, owner, size, when);
    }
    fputs(m->path, stdout);
    if (detail && m->type == '1') printf(" link to %s", m->link);
    if (detail && m->type == '2') printf(" -> %s", m->link);
    putchar('\n');
}

static void count_member(struct totals *t, const struct member *m) {
    if (m->type == '0') {
        t->files++;
        t->bytes += m->size;
    } else if (m->type == '5') {
        t->folders++;
    } else if (m->type == '1' || m->type == '2') {
        t->links++;
    } else {
        t->others++;
    }
}

/* Reads the payload of an extended header: a long name, a long link or pax records. */
static int read_extended(int fd, const struct header *h, struct member *m) {
    long long size = number(h->size, sizeof h->size);
    size_t padded;
    char *text;
    int bad = 0;
    if (size < 0 || size > 1 << 20) return -1;
    padded = ((size_t)size + BLOCK - 1) / BLOCK * BLOCK;
    text = need(malloc(padded + 1));
    if (read_all(fd, text, padded) != padded) {
        free(text);
        return -1;
    }
    text[size] = '\0';
    if (h->type == 'L') take(&m->path, text_of(text, (size_t)size));
    else if (h->type == 'K') take(&m->link, text_of(text, (size_t)size));
    else if (h->type == 'x') bad = read_pax(m, text, (size_t)size);
    free(text);
    return bad;
}

static int list(int fd, int detail, const char *wanted, struct totals *t) {
    struct member m;
    struct header h;
    long long at = 0;
    int empty = 0, found = 0, status = 0;
    memset(&m, 0, sizeof m);
    while (status == 0) {
        size_t got = read_all(fd, &h, BLOCK);
        const char *p = (const char *)&h;
        long long size;
        if (got == 0) break;
        if (got < BLOCK) {
            status = damaged("half a block", at);
            break;
        }
        if (p[0] == '\0' && memcmp(p, p + 1, BLOCK - 1) == 0) {
            at += BLOCK;
            if (++empty == 2) break;
            continue;
        }
        empty = 0;
        if (!sum_fits(&h)) {
            status = damaged("a header whose sum is wrong", at);
            break;
        }
        size = number(h.size, sizeof h.size);
        if (strchr("LKxg", h.type) != NULL && h.type != '\0') {
            if (read_extended(fd, &h, &m) < 0) status = damaged("an extended header that cannot be read", at);
            at += BLOCK + (size + BLOCK - 1) / BLOCK * BLOCK;
            continue;
        }
        fill_member(&m, &h);
        size = m.type == '0' || strchr("12345", m.type) == NULL ? m.size : 0;
        if (wanted == NULL) print_member(&m, detail);
        count_member(t, &m);
        if (wanted != NULL && strcmp(wanted, m.path) == 0) found = 1;
        if (size < 0 || pass(fd, size, wanted != NULL && strcmp(wanted, m.path) == 0 ? stdout : NULL) < 0) {
            status = damaged("a member that is cut off", at);
        }
        at += BLOCK + (size + BLOCK - 1) / BLOCK * BLOCK;
        clear_member(&m);
    }
    clear_member(&m);
    if (status == 0 && wanted != NULL && !found) {
        fprintf(stderr, "tarls: %s: no member %s\n", archive, wanted);
        status = 1;
    }
    return status;
}

int main(int argc, char **argv) {
    struct totals t = {0, 0, 0, 0, 0};
    const char *wanted = NULL;
    int option, detail = 0, sums = 0, fd = STDIN_FILENO, status;
    while ((option = getopt(argc, argv, "lsx:")) != -1) {
        switch (option) {
            case 'l': detail = 1; break;
            case 's': sums = 1; break;
            case 'x': wanted = optarg; break;
            default: fprintf(stderr, "usage: tarls [-l] [-s] [-x NAME] [ARCHIVE]\n"); return 2;
        }
    }
    if (sizeof(struct header) != BLOCK) return 3;
    if (optind < argc) archive = argv[optind];
    if (strcmp(archive, "-") != 0 && (fd = open(archive, O_RDONLY)) < 0) {
        fprintf(stderr, "tarls: %s: %s\n", archive, strerror(errno));
        return 3;
    }
    status = list(fd, detail, wanted, &t);
    if (fd != STDIN_FILENO) close(fd);
    if (sums) {
        printf("%ld files, %ld folders, %ld links, %ld others, %lld bytes\n", t.files, t.folders, t.links, t.others, t.bytes);
    }
    if (fflush(stdout) != 0) {
        perror("tarls: standard output");
        status = 3;
    }
    return status;
}
