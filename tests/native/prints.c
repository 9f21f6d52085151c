/* SPDX-License-Identifier: Apache-2.0
 *
 * Prints through the real server, formatters and sinks, posted by C threads that play lanes: whatever several threads
 * format at once stands in the order in which each lane printed it, whole, and behind what it waited for.
 * `prints [SEED [CASE...]]`, `prints bench`.
 */
#include "rig.h"
#include "hc/print.h"
#include <fcntl.h>
#include <sys/stat.h>

#define LANES 4u
static uint64_t seed = 1;
static uint32_t scale = 1;
static uint32_t formatters;

/* ------------------------------------------------------------------------------------------------------ what is printed */
static const char LINE[] = "lane %d line %d: %.3f %s%c";
static uint32_t line_record(uint64_t *w, int lane, int line, const char *text) {
    double v = 0.25 * line;
    uint32_t n = hc_print_columns_at(sizeof LINE - 1), bytes = (uint32_t)strlen(text);
    memset(w, 0, 8 * n);
    w[1] = 1 | 31ull << 32;
    memcpy(w + HC_PRINT_FIRST, LINE, sizeof LINE - 1);
    w[n++] = (uint32_t)lane;
    w[n++] = (uint32_t)line;
    memcpy(w + n++, &v, 8);
    w[n++] = bytes;
    w[n++] = '\n';
    for (uint32_t i = 0; i < hc_print_words(bytes); i++) w[n + i] = 0;
    memcpy(w + n, text, bytes);
    return n + (uint32_t)hc_print_words(bytes);
}
static uint64_t post_line(rig *r, int lane, int line) {
    static const char TEXT[] = "some text that is now longer and now shorter, so that records differ in length";
    uint64_t w[64];
    uint32_t n = line_record(w, lane, line, TEXT + sizeof TEXT - 1 - (uint32_t)line % sizeof TEXT);
    return post(r, HC_POST_PRINTF, hc_print_pack(HC_STREAM_STDOUT, 5, sizeof LINE - 1), w, n);
}
static uint64_t post_puts(rig *r, int lane, int line) {
    char text[64] = {0};
    uint64_t w[10] = {0};
    int n = snprintf(text, sizeof text, "lane %d line %d: puts\n", lane, line);
    w[1] = (uint64_t)n;
    memcpy(w + 2, text, sizeof text);
    return post(r, HC_POST_BYTES, HC_STREAM_STDOUT, w, 2 + (uint32_t)hc_print_words((uint64_t)n));
}
/* A print that is a call, after `order`: it waits for the posts before it and writes to the same stream. */
static void call_line(rig *r, uint32_t slot, uint64_t order, int lane, int line) {
    uint64_t w[8] = {0};
    static const char CALLED[] = "lane %d line %d: called\n";
    uint32_t format_words = (uint32_t)hc_print_words(sizeof CALLED - 1);
    memcpy(w, CALLED, sizeof CALLED - 1);
    w[format_words] = (uint64_t)lane;
    w[format_words + 1] = (uint64_t)line;
    uint32_t words = format_words + 2;
    packet p = {.op = HC_OP_PRINT, .nargs = 4, .kind = HC_PAY_INLINE, .mask = 1, .order = (uint32_t)order,
                .arg = {{8 * words}, {HC_STREAM_STDOUT}, {sizeof CALLED - 1}, {2}},
                .inline_bytes = (const uint8_t *)w, .inline_words = words};
    int64_t result;
    call(r, slot, &p, &result);
    CHECK(result > 0);
}

typedef struct job {
    rig *r;
    int lane, lines, fd; /* fd: of a file to look into after a flush, or -1 */
    uint64_t state;
} job;

static bool file_has(int fd, const char *text) {
    struct stat st;
    CHECK_EQ(fstat(fd, &st), 0);
    char *all = malloc((size_t)st.st_size + 1);
    CHECK(all && pread(fd, all, (size_t)st.st_size, 0) == st.st_size);
    bool found = memmem(all, (size_t)st.st_size, text, strlen(text)) != NULL;
    free(all);
    return found;
}

static void *lane_prints(void *arg) {
    job *j = arg;
    uint64_t order = 0;
    for (int line = 0; line < j->lines; line++) {
        uint32_t what = rnd(&j->state) % 64;
        if (what < 48) {
            order = post_line(j->r, j->lane, line);
        } else if (what < 58) {
            order = post_puts(j->r, j->lane, line);
        } else {
            if (what == 58) order = post(j->r, HC_POST_NOP, 1, NULL, 1 + rnd(&j->state) % 20);
            call_line(j->r, (uint32_t)j->lane, order, j->lane, line);
        }
        if (rnd(&j->state) % 400 == 0) nap_ms(1);
        if (rnd(&j->state) % 500 == 0) {
            packet p = {.op = HC_OP_FLUSH, .mask = 1, .order = (uint32_t)order};
            int64_t result;
            char text[64];
            call(j->r, (uint32_t)j->lane, &p, &result);
            CHECK_EQ(result, 0);
            snprintf(text, sizeof text, "lane %d line %d:", j->lane, line);
            if (j->fd >= 0 && !file_has(j->fd, text)) FAIL("%s is not in the file after a flush", text);
        }
    }
    return NULL;
}

/* ---------------------------------------------------------------------------------------------------- what has arrived */
/* Every line whole, each lane's in order and without a gap; returns how many of each there are. */
static void check_text(const char *text, size_t n, int *lines) {
    char want[200];
    memset(lines, 0, LANES * sizeof *lines);
    CHECK(n == 0 || text[n - 1] == '\n');
    for (const char *at = text, *end = text + n; at < end;) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        int lane = -1, line = -1;
        if (sscanf(at, "lane %d line %d: ", &lane, &line) != 2 || lane < 0 || lane >= (int)LANES)
            FAIL("torn: %.*s", (int)(newline - at), at);
        if (line != lines[lane]) FAIL("lane %d: line %d where %d comes next", lane, line, lines[lane]);
        lines[lane]++;
        const char *rest = strchr(at, ':') + 2;
        snprintf(want, sizeof want, "%.3f ", 0.25 * line);
        if (strncmp(rest, "puts\n", 5) && strncmp(rest, "called\n", 7) && strncmp(rest, want, strlen(want)))
            FAIL("changed: %.*s", (int)(newline - at), at);
        at = newline + 1;
    }
}

typedef struct gathered {
    rig *r; /* of a Python sink */
    int fd; /* of a pipe */
    bool slow;
    char *text;
    size_t n, room;
} gathered;
static void gather(gathered *g, const void *bytes, size_t n) {
    if (g->n + n + 1 > g->room) CHECK((g->text = realloc(g->text, g->room = 2 * (g->n + n) + 4096)));
    memcpy(g->text + g->n, bytes, n);
    g->text[g->n += n] = 0;
}
static void *read_pipe(void *arg) {
    gathered *g = arg;
    char piece[5000];
    for (ssize_t n; (n = read(g->fd, piece, sizeof piece)) > 0;) {
        gather(g, piece, (size_t)n);
        if (g->slow && g->n % 7 == 0) nap_ms(1);
    }
    return NULL;
}
static void *read_python(void *arg) {
    gathered *g = arg;
    hc_python_item item;
    while (hc_python_next(g->r->s, 1, WAIT_NS, &item) >= 0 && item.kind != HC_PY_CLOSED) {
        if (item.kind == HC_PY_SINK) gather(g, item.data, item.bytes);
        if (item.kind != HC_PY_NONE) hc_python_release(g->r->s, &item);
    }
    return NULL;
}

static void open_with(rig *r, uint32_t shift) {
    rig_options(r);
    r->o.formatters = formatters;
    r->o.geometry.posted_shift = shift;
    rig_open(r);
}
static void print_all(rig *r, int lines, int fd) {
    pthread_t t[LANES];
    job j[LANES];
    for (uint32_t i = 0; i < LANES; i++) {
        j[i] = (job){.r = r, .lane = (int)i, .lines = lines, .fd = fd, .state = seed + i};
        CHECK_EQ(pthread_create(&t[i], NULL, lane_prints, &j[i]), 0);
    }
    for (uint32_t i = 0; i < LANES; i++) pthread_join(t[i], NULL);
}
static void expect_lines(const char *text, size_t n, int lines) {
    int got[LANES];
    check_text(text, n, got);
    for (uint32_t i = 0; i < LANES; i++) CHECK_EQ(got[i], lines);
}
static int temporary(void) {
    char path[] = "/tmp/hostcall-prints-XXXXXX";
    int fd = mkstemp(path);
    CHECK(fd >= 0 && unlink(path) == 0);
    return fd;
}
static char *contents(int fd, size_t *n) {
    struct stat st;
    CHECK_EQ(fstat(fd, &st), 0);
    char *text = malloc((size_t)st.st_size + 1);
    CHECK(text && pread(fd, text, (size_t)st.st_size, 0) == st.st_size);
    text[*n = (size_t)st.st_size] = 0;
    return text;
}

/* ------------------------------------------------------------------------------------------------------------- cases */
static void case_a_file_gets_lines_in_another_order(void) {
    rig r;
    int lines = (int)(6000 / scale), fd = temporary();
    open_with(&r, 12);
    CHECK_EQ(hc_stdio_sink(r.s, 1, HC_SINK_FD, fd), 0);
    print_all(&r, lines, fd);
    CHECK_EQ(hc_server_drain(r.s, 0, WAIT_NS), 0);
    size_t n;
    char *text = contents(fd, &n);
    expect_lines(text, n, lines);
    CHECK_EQ(counts(&r).posted_bad, 0);
    CHECK_EQ(counts(&r).sink_bytes, n);
    free(text);
    close(fd);
    rig_close(&r);
}

static void case_a_slow_pipe_loses_lines(void) {
    rig r;
    int lines = (int)(4000 / scale), ends[2];
    gathered g = {.slow = true};
    pthread_t reader;
    CHECK_EQ(pipe(ends), 0);
    open_with(&r, 10);
    CHECK_EQ(hc_stdio_sink(r.s, 1, HC_SINK_FD, ends[1]), 0);
    close(ends[1]);
    g.fd = ends[0];
    CHECK_EQ(pthread_create(&reader, NULL, read_pipe, &g), 0);
    print_all(&r, lines, -1);
    CHECK_EQ(hc_server_drain(r.s, 0, WAIT_NS), 0);
    rig_close(&r);
    pthread_join(reader, NULL);
    expect_lines(g.text, g.n, lines);
    free(g.text);
    close(ends[0]);
}

static void case_python_gets_lines_in_another_order(void) {
    rig r;
    int lines = (int)(4000 / scale);
    gathered g = {.r = &r};
    pthread_t reader;
    open_with(&r, 12);
    CHECK_EQ(hc_stdio_sink(r.s, 1, HC_SINK_PYTHON, -1), 0);
    CHECK_EQ(pthread_create(&reader, NULL, read_python, &g), 0);
    print_all(&r, lines, -1);
    CHECK_EQ(hc_server_drain(r.s, 0, WAIT_NS), 0);
    expect_lines(g.text, g.n, lines);
    hc_server_active(r.s, -1);
    hc_server_close(r.s);
    pthread_join(reader, NULL);
    hc_server_active(r.s, 1);
    rig_close(&r);
    free(g.text);
}

/* The reader does not read: nothing grows, a drain says so, and a call that came after a print is not answered before it is out. */
static void case_a_call_overtakes_a_print_in_a_stuck_pipe(void) {
    rig r;
    int ends[2], lines = 0;
    gathered g = {0};
    pthread_t reader;
    CHECK_EQ(pipe(ends), 0);
    open_with(&r, 12);
    CHECK_EQ(hc_stdio_sink(r.s, 1, HC_SINK_FD, ends[1]), 0);
    close(ends[1]);
    /* More than the pipe and the ring hold together, and whatever lies between them: the ring stays full. */
    uint64_t order = 0;
    uint64_t size = 1ull << r.o.geometry.posted_shift, full = 0;
    while (full < 300) {
        if (atomic_load(&r.tail) + 64 > hc_bus_load64(r.o.control + HC_CTL_POSTED_HEAD) + size) {
            full++;
            nap_ms(1);
        } else {
            full = 0;
            order = post_line(&r, 0, lines++);
        }
    }
    packet p = {.op = HC_OP_PING, .mask = 1, .order = (uint32_t)order};
    int64_t result;
    hc_u64 lo, hi;
    (void)publish(&r, 3, &p);
    nap_ms(1500);
    hc_bus_load_word(r.replies + r.l.reply_heads + 3 * HC_WORD, &lo, &hi);
    if (hc_half_tag(lo) == r.seq[3])
        FAIL("answered although the print before it is not out: %d lines, ring at %llu of %llu, %llu bytes out", lines,
             (unsigned long long)hc_bus_load64(r.o.control + HC_CTL_POSTED_HEAD), (unsigned long long)atomic_load(&r.tail),
             (unsigned long long)counts(&r).sink_bytes);
    CHECK_EQ(hc_server_drain(r.s, 0, 20000000), -ETIMEDOUT);
    g.fd = ends[0];
    CHECK_EQ(pthread_create(&reader, NULL, read_pipe, &g), 0);
    await_reply(&r, 3, 1, &result);
    CHECK_EQ(hc_server_drain(r.s, 0, WAIT_NS), 0);
    CHECK_EQ(counts(&r).bad_packets, 0);
    rig_close(&r);
    pthread_join(reader, NULL);
    int got[LANES];
    check_text(g.text, g.n, got);
    CHECK_EQ(got[0], lines);
    free(g.text);
    close(ends[0]);
}

typedef struct closing {
    job j;
    _Atomic int *stop;
} closing;
static void *lane_prints_until_closed(void *arg) {
    closing *c = arg;
    rig *r = c->j.r;
    uint64_t size = 1ull << r->o.geometry.posted_shift;
    for (int line = 0; !atomic_load(c->stop); line++) {
        /* As a lane does: a full ring makes it look at the abort word. What it has claimed it writes. */
        while (atomic_load(&r->tail) + 64 * LANES > hc_bus_load64(r->o.control + HC_CTL_POSTED_HEAD) + size)
            if (hc_bus_load32(r->o.control + HC_CTL_ABORT) || atomic_load(c->stop)) return NULL;
        (void)post_line(r, c->j.lane, line);
    }
    return NULL;
}
static void case_a_close_tears_a_line(void) {
    for (uint32_t round = 0; round < 10; round++) {
        rig r;
        int fd = temporary(), got[LANES];
        _Atomic int stop = 0;
        pthread_t t[LANES];
        closing c[LANES];
        open_with(&r, 12);
        CHECK_EQ(hc_stdio_sink(r.s, 1, HC_SINK_FD, fd), 0);
        for (uint32_t i = 0; i < LANES; i++) {
            c[i] = (closing){.j = {.r = &r, .lane = (int)i}, .stop = &stop};
            CHECK_EQ(pthread_create(&t[i], NULL, lane_prints_until_closed, &c[i]), 0);
        }
        nap_ms(5 + round);
        hc_server_active(r.s, -1);
        hc_server_close(r.s);
        atomic_store(&stop, 1);
        for (uint32_t i = 0; i < LANES; i++) pthread_join(t[i], NULL);
        hc_server_active(r.s, 1);
        uint64_t records = counts(&r).posted_records, lines = 0;
        rig_close(&r); /* what a sink still buffers goes out with it */
        size_t n;
        char *text = contents(fd, &n);
        check_text(text, n, got);
        for (uint32_t i = 0; i < LANES; i++) lines += (uint64_t)got[i];
        CHECK_EQ(lines, records);
        free(text);
        close(fd);
    }
}

/* One record's text is larger than a page may be: it goes to the sink while it is formatted, in its turn. */
static void case_a_page_outgrows_its_memory(void) {
    rig r;
    int fd = temporary(), rounds = (int)(60 / scale) + 6;
    uint64_t w[64], seen = 0;
    open_with(&r, 12);
    CHECK_EQ(hc_stdio_sink(r.s, 1, HC_SINK_FD, fd), 0);
    CHECK_EQ(hc_stdio_sink(r.s, 2, HC_SINK_FD, fd), 0);
    for (int i = 0; i < rounds; i++) {
        static const char WIDE[] = "%*d\n";
        uint32_t n = hc_print_columns_at(sizeof WIDE - 1), lanes = 8;
        memset(w, 0, sizeof w);
        w[1] = 0xff | 1ull << 32; /* the width is uniform */
        memcpy(w + HC_PRINT_FIRST, WIDE, sizeof WIDE - 1);
        w[n++] = 400000;
        for (uint32_t k = 0; k < lanes; k++) ((uint32_t *)(w + n))[k] = (uint32_t)(8 * i) + k;
        n += lanes / 2;
        (void)post(&r, HC_POST_PRINTF, hc_print_pack(HC_STREAM_STDOUT, 2, sizeof WIDE - 1), w, n);
        for (uint32_t k = 0; k < 20; k++) (void)post_puts(&r, 9, i);
        w[1] = 1 | 3ull << 32;
        (void)post(&r, HC_POST_PRINTF, hc_print_pack(HC_STREAM_STDERR, 2, sizeof WIDE - 1), w, hc_print_columns_at(sizeof WIDE - 1) + 2);
    }
    CHECK_EQ(hc_server_drain(r.s, 0, WAIT_NS), 0);
    CHECK_EQ(counts(&r).posted_bad, 0);
    size_t n;
    char *text = contents(fd, &n);
    for (const char *at = text, *end = text + n; at < end;) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        CHECK(newline);
        if (*at == ' ' || (*at >= '0' && *at <= '9')) {
            CHECK_EQ(newline - at, 400000);
            uint64_t value = strtoull(at, NULL, 10);
            if (value == seen) seen++; /* stdout's come in order; stderr repeats each eighth */
            else CHECK_EQ(value % 8, 0);
        } else {
            CHECK(!strncmp(at, "lane 9 line ", 12));
        }
        at = newline + 1;
    }
    CHECK_EQ(seen, 8 * (uint64_t)rounds);
    free(text);
    close(fd);
    rig_close(&r);
}

/* A submitted call is posted too: it prints behind what was posted before it. */
static void case_a_ticket_overtakes_a_print(void) {
    rig r;
    int fd = temporary(), lines = (int)(400 / scale) + 20, line = 0;
    open_with(&r, 12);
    CHECK_EQ(hc_stdio_sink(r.s, 1, HC_SINK_FD, fd), 0);
    for (int i = 0; i < lines; i++) {
        for (uint32_t k = 0; k < (uint32_t)i % 7; k++) (void)post_line(&r, 0, line++);
        static const char CALLED[] = "lane %d line %d: called\n";
        uint64_t w[8] = {0};
        uint32_t format_words = (uint32_t)hc_print_words(sizeof CALLED - 1), words = format_words + 2;
        memcpy(w, CALLED, sizeof CALLED - 1);
        w[format_words + 1] = (uint64_t)line++;
        int64_t args[4] = {8 * words, HC_STREAM_STDOUT, sizeof CALLED - 1, 2};
        (void)submit(&r, 1, 1 + (uint32_t)i, HC_OP_PRINT, 4, HC_PAY_INLINE, 0, args, w, words);
        CHECK(await_ticket(&r, 1, 1 + (uint32_t)i) > 0);
    }
    CHECK_EQ(hc_server_drain(r.s, 0, WAIT_NS), 0);
    size_t n;
    int got[LANES];
    char *text = contents(fd, &n);
    check_text(text, n, got);
    CHECK_EQ(got[0], line);
    free(text);
    close(fd);
    rig_close(&r);
}

/* ------------------------------------------------------------------------------------------------------------- bench
 * A full ring of records of 32 lanes, emptied by one thread that formats (formatters 0) or hands over (1 and more). */
static uint32_t numbers_record(uint64_t *w, int n) {
    static const char FORMAT[] = "%d %u %f\n";
    uint32_t at = hc_print_columns_at(sizeof FORMAT - 1);
    memset(w, 0, 8 * at);
    w[1] = UINT32_MAX;
    memcpy(w + HC_PRINT_FIRST, FORMAT, sizeof FORMAT - 1);
    for (uint32_t i = 0; i < 32; i++) {
        double v = 0.5 * i + 0.015625 * (n % 64);
        ((uint32_t *)(w + at))[i] = (uint32_t)n * 32 + i;
        ((uint32_t *)(w + at))[32 + i] = (uint32_t)n;
        memcpy(w + at + 32 + i, &v, 8);
    }
    return at + 64;
}
static void bench_one(uint32_t op) {
    rig r;
    int fd = open("/dev/null", O_WRONLY);
    uint64_t spent = 0, records = 0, words = 0, before = 0;
    rig_options(&r);
    r.o.formatters = formatters;
    r.o.geometry.posted_shift = 19;
    rig_open(&r);
    CHECK_EQ(hc_stdio_sink(r.s, 1, HC_SINK_FD, fd), 0);
    uint64_t w[128], size = 1ull << 19;
    for (int lap = 0; lap < 30; lap++) {
        CHECK_EQ(hc_server_drain(r.s, 0, WAIT_NS), 0);
        uint64_t first = atomic_load(&r.tail), at = first;
        for (int n = 0; at + 70 <= first + size - 70; n++) { /* the first word comes last: then all is there */
            uint32_t k = numbers_record(w, n);
            w[0] = hc_record_pack(op, k) | (uint64_t)hc_print_pack(1, 3, 9) << 32;
            for (uint32_t i = 0; i < k; i++)
                if (at + i != first) ring_word(&r, at + i, w[i]);
            at += k;
            records++;
            words += k;
        }
        atomic_store(&r.tail, at);
        before = hc_now_ns();
        ring_word(&r, first, hc_record_pack(op, numbers_record(w, 0)) | (uint64_t)hc_print_pack(1, 3, 9) << 32);
        while (hc_bus_load64(r.o.control + HC_CTL_POSTED_HEAD) < at) CHECK_EQ(hc_server_drain(r.s, 0, WAIT_NS), 0);
        spent += hc_now_ns() - before;
    }
    printf("%s, %u formatters: %.1f M lines/s, %.2f ns a word\n", op == HC_POST_PRINTF ? "printf" : "skipped", formatters,
           (double)records * 32e3 / (double)spent, (double)spent / (double)words);
    rig_close(&r);
    close(fd);
}
static void bench(void) {
    bench_one(HC_POST_FILLER);
    for (formatters = 0; formatters <= 4; formatters += formatters ? formatters : 1) bench_one(HC_POST_PRINTF);
}

#define CASE(name) {#name, case_##name}
static const struct {
    const char *name;
    void (*run)(void);
} cases[] = {
    CASE(a_file_gets_lines_in_another_order),
    CASE(a_slow_pipe_loses_lines),
    CASE(python_gets_lines_in_another_order),
    CASE(a_call_overtakes_a_print_in_a_stuck_pipe),
    CASE(a_close_tears_a_line),
    CASE(a_page_outgrows_its_memory),
    CASE(a_ticket_overtakes_a_print),
};

int main(int argc, char **argv) {
    if (argc > 1 && strcmp(argv[1], "bench") == 0) {
        bench();
        return 0;
    }
    if (argc > 1) seed = strtoull(argv[1], NULL, 0);
    if (getenv("STRESS_SCALE")) scale = (uint32_t)strtoul(getenv("STRESS_SCALE"), NULL, 0);
    static const uint32_t many[] = {0, 1, 4};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int wanted = argc < 3;
        for (int a = 2; a < argc; a++) wanted |= strcmp(argv[a], cases[i].name) == 0;
        for (size_t k = 0; wanted && k < sizeof many / sizeof many[0]; k++) {
            formatters = many[k];
            uint64_t begin = hc_now_ns();
            fprintf(stderr, "%s, %u formatters (seed %llu)\n", cases[i].name, formatters, (unsigned long long)seed);
            cases[i].run();
            fprintf(stderr, "    %llu ms\n", (unsigned long long)((hc_now_ns() - begin) / 1000000));
        }
    }
    return 0;
}
