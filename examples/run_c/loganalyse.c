/* SPDX-License-Identifier: Apache-2.0
 *
 * loganalyse: reads access logs in the common or combined format and prints tables.
 *
 *     loganalyse [-n ROWS] [-s SINCE] [-o REPORT] LOG...
 *
 * Addresses, paths and status codes by requests and bytes, requests per hour as bars, and percentiles of the answers' sizes. -s leaves
 * out what is older than "YYYY-MM-DD HH:MM". Lines that are no log lines are counted and the first of each file is shown. A log named
 * "-" is standard input. Status 1 if a log cannot be read.
 */
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct count {
    char *name;
    long requests;
    long errors;
    long long bytes;
    struct count *next;
};

struct table {
    const char *title;
    struct count **buckets;
    size_t size, used;
};

struct line {
    char *address;
    char *method;
    char *path;
    int status;
    long long bytes;
    time_t when;
};

struct analysis {
    struct table addresses, paths, statuses, methods;
    long hours[24];
    long lines, bad, old;
    long long bytes;
    uint32_t *sizes;
    size_t n_sizes, room;
    time_t first, last;
};

static void *need(void *p) {
    if (p == NULL) {
        fputs("loganalyse: out of memory\n", stderr);
        exit(3);
    }
    return p;
}

static uint64_t hash(const char *text) {
    uint64_t h = 1469598103934665603u;
    for (; *text != '\0'; text++) h = (h ^ (unsigned char)*text) * 1099511628211u;
    return h ^ h >> 29;
}

static void open_table(struct table *t, const char *title) {
    t->title = title;
    t->size = 64;
    t->used = 0;
    t->buckets = need(calloc(t->size, sizeof *t->buckets));
}

static void grow(struct table *t) {
    size_t size = t->size * 2, i;
    struct count **buckets = need(calloc(size, sizeof *buckets));
    for (i = 0; i < t->size; i++) {
        while (t->buckets[i] != NULL) {
            struct count *c = t->buckets[i];
            size_t at = hash(c->name) & (size - 1);
            t->buckets[i] = c->next;
            c->next = buckets[at];
            buckets[at] = c;
        }
    }
    free(t->buckets);
    t->buckets = buckets;
    t->size = size;
}

static void add(struct table *t, const char *name, const struct line *l) {
    size_t at = hash(name) & (t->size - 1);
    struct count *c = t->buckets[at];
    while (c != NULL && strcmp(c->name, name) != 0) c = c->next;
    if (c == NULL) {
        if (t->used >= t->size) {
            grow(t);
            at = hash(name) & (t->size - 1);
        }
        c = need(calloc(1, sizeof *c));
        c->name = need(strdup(name));
        c->next = t->buckets[at];
        t->buckets[at] = c;
        t->used++;
    }
    c->requests++;
    c->bytes += l->bytes;
    if (l->status >= 400) c->errors++;
}

static void close_table(struct table *t) {
    size_t i;
    for (i = 0; i < t->size; i++) {
        while (t->buckets[i] != NULL) {
            struct count *c = t->buckets[i];
            t->buckets[i] = c->next;
            free(c->name);
            free(c);
        }
    }
    free(t->buckets);
}

/* Days since 1970 of a date in the Gregorian calendar. */
static long days_of(int year, int month, int day) {
    long y = month <= 2 ? year - 1 : year;
    long era = (y >= 0 ? y : y - 399) / 400;
    long of_era = y - era * 400;
    long of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/* "10/Oct/2000:13:55:36 -0700" */
static int read_time(const char *text, time_t *when) {
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    char month[4];
    const char *found;
    int day, year, hour, minute, second, zone;
    if (sscanf(text, "%2d/%3[A-Za-z]/%4d:%2d:%2d:%2d %5d", &day, month, &year, &hour, &minute, &second, &zone) != 7) return -1;
    found = strstr(months, month);
    if (found == NULL || (found - months) % 3 != 0 || strlen(month) != 3) return -1;
    *when = (time_t)days_of(year, (int)(found - months) / 3 + 1, day) * 86400 + hour * 3600 + minute * 60 + second;
    *when -= (zone / 100 * 60 + zone % 100) * 60;
    return 0;
}

/* Takes a line apart in place: ADDRESS IDENT USER [TIME] "METHOD PATH PROTOCOL" STATUS BYTES and maybe more. */
static int read_line(char *text, struct line *l) {
    char *rest, *at, *end, *request;
    l->address = strtok_r(text, " ", &rest);
    if (l->address == NULL || strtok_r(NULL, " ", &rest) == NULL || strtok_r(NULL, "[", &rest) == NULL) return -1;
    at = strtok_r(NULL, "]", &rest);
    if (at == NULL || read_time(at, &l->when) < 0) return -1;
    request = strchr(rest, '"');
    if (request == NULL) return -1;
    end = ++request;
    while (*end != '"' && *end != '\0') end += *end == '\\' && end[1] != '\0' ? 2 : 1;
    if (*end == '\0') return -1;
    *end++ = '\0';
    l->method = strtok_r(request, " ", &rest);
    l->path = strtok_r(NULL, " ?#", &rest);
    if (l->method == NULL || l->path == NULL) return -1;
    l->status = (int)strtol(end, &at, 10);
    if (at == end || l->status < 100 || l->status > 599) return -1;
    while (*at == ' ') at++;
    l->bytes = 0;
    if (*at == '-') return 0;
    l->bytes = strtoll(at, &end, 10);
    return end == at || l->bytes < 0 ? -1 : 0;
}

static void take(struct analysis *a, const struct line *l) {
    char status[8];
    struct tm parts;
    snprintf(status, sizeof status, "%d", l->status);
    add(&a->addresses, l->address, l);
    add(&a->paths, l->path, l);
    add(&a->statuses, status, l);
    add(&a->methods, l->method, l);
    a->bytes += l->bytes;
    if (gmtime_r(&l->when, &parts) != NULL) a->hours[parts.tm_hour]++;
    if (a->n_sizes == 0 || l->when < a->first) a->first = l->when;
    if (a->n_sizes == 0 || l->when > a->last) a->last = l->when;
    if (a->n_sizes == a->room) {
        a->room = a->room == 0 ? 1024 : a->room * 2;
        a->sizes = need(realloc(a->sizes, a->room * sizeof *a->sizes));
    }
    a->sizes[a->n_sizes++] = l->bytes > UINT32_MAX ? UINT32_MAX : (uint32_t)l->bytes;
}

static int analyse(struct analysis *a, const char *path, time_t since) {
    FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");
    char *text = NULL;
    size_t room = 0;
    ssize_t length;
    long number = 0, bad = 0;
    int status = 0;
    if (in == NULL) {
        fprintf(stderr, "loganalyse: %s: %s\n", path, strerror(errno));
        return 1;
    }
    while ((length = getline(&text, &room, in)) >= 0) {
        struct line l;
        char head[40];
        number++;
        if (length > 0 && text[length - 1] == '\n') text[--length] = '\0';
        if (length == 0) continue;
        snprintf(head, sizeof head, "%s", text);
        a->lines++;
        if (read_line(text, &l) < 0) {
            a->bad++;
            if (bad++ == 0) fprintf(stderr, "loganalyse: %s:%ld: no log line: %s%s\n", path, number, head, length > 39 ? "..." : "");
        } else if (l.when < since) {
            a->old++;
        } else {
            take(a, &l);
        }
    }
    if (ferror(in)) {
        fprintf(stderr, "loganalyse: %s: %s\n", path, strerror(errno));
        status = 1;
    }
    free(text);
    if (in != stdin) fclose(in);
    return status;
}

static int by_requests(const void *left, const void *right) {
    const struct count *a = *(const struct count *const *)left, *b = *(const struct count *const *)right;
    if (a->requests != b->requests) return a->requests < b->requests ? 1 : -1;
    return strcmp(a->name, b->name);
}

static int by_value(const void *left, const void *right) {
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

/* Bytes with three digits and a unit. */
static const char *human(long long bytes, char *out, size_t room) {
    static const char units[] = "BKMGTP";
    double value = (double)bytes;
    int unit = 0;
    while (value >= 999.5 && units[unit + 1] != '\0') {
        value /= 1024;
        unit++;
    }
    if (unit == 0) snprintf(out, room, "%lld B", bytes);
    else snprintf(out, room, "%.*f %cB", value < 10 ? 2 : value < 100 ? 1 : 0, value, units[unit]);
    return out;
}

static void print_table(FILE *out, const struct table *t, size_t rows, long total) {
    struct count **sorted = need(malloc((t->used + 1) * sizeof *sorted));
    size_t n = 0, i, width = strlen(t->title);
    char size[24];
    for (i = 0; i < t->size; i++) {
        struct count *c;
        for (c = t->buckets[i]; c != NULL; c = c->next) sorted[n++] = c;
    }
    qsort(sorted, n, sizeof *sorted, by_requests);
    if (rows > n) rows = n;
    for (i = 0; i < rows; i++) {
        size_t length = strlen(sorted[i]->name);
        if (length > 40) length = 40;
        if (length > width) width = length;
    }
    fprintf(out, "\n%-*s %9s %6s %10s %7s\n", (int)width, t->title, "requests", "share", "bytes", "errors");
    for (i = 0; i < rows; i++) {
        const struct count *c = sorted[i];
        fprintf(out, "%-*.40s %9ld %5.1f%% %10s ", (int)width, c->name, c->requests, 100.0 * (double)c->requests / (double)total,
                human(c->bytes, size, sizeof size));
        if (c->errors > 0) fprintf(out, "%7ld\n", c->errors);
        else fprintf(out, "%7s\n", "-");
    }
    if (n > rows) fprintf(out, "... %zu more\n", n - rows);
    free(sorted);
}

static void print_hours(FILE *out, const struct analysis *a) {
    long most = 1;
    int h;
    for (h = 0; h < 24; h++) {
        if (a->hours[h] > most) most = a->hours[h];
    }
    fprintf(out, "\nhour  requests\n");
    for (h = 0; h < 24; h++) {
        int bar = (int)((a->hours[h] * 50 + most - 1) / most);
        fprintf(out, "%02d:00 %8ld ", h, a->hours[h]);
        while (bar-- > 0) putc('#', out);
        putc('\n', out);
    }
}

static void print_report(FILE *out, struct analysis *a, size_t rows) {
    static const double shares[] = {0.5, 0.9, 0.99, 1.0};
    char text[64], size[24];
    struct tm parts;
    double sum = 0, squares = 0;
    size_t i;
    long total = (long)a->n_sizes;
    fprintf(out, "%ld lines, %ld requests, %ld too old, %ld not understood\n", a->lines, total, a->old, a->bad);
    if (total == 0) return;
    gmtime_r(&a->first, &parts);
    strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S", &parts);
    fprintf(out, "from %s", text);
    gmtime_r(&a->last, &parts);
    strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S", &parts);
    fprintf(out, " to %s UTC, %.2f requests/s\n", text, (double)total / (difftime(a->last, a->first) + 1));
    print_table(out, &a->addresses, rows, total);
    print_table(out, &a->paths, rows, total);
    print_table(out, &a->methods, rows, total);
    print_table(out, &a->statuses, rows, total);
    print_hours(out, a);
    qsort(a->sizes, a->n_sizes, sizeof *a->sizes, by_value);
    for (i = 0; i < a->n_sizes; i++) {
        sum += a->sizes[i];
        squares += (double)a->sizes[i] * a->sizes[i];
    }
    fprintf(out, "\nsizes: mean %.1f, deviation %.1f", sum / (double)total, sqrt(fabs(squares / (double)total - sum / (double)total * (sum / (double)total))));
    for (i = 0; i < sizeof shares / sizeof *shares; i++) {
        size_t at = (size_t)ceil(shares[i] * (double)total) - 1;
        fprintf(out, ", p%g %s", shares[i] * 100, human(a->sizes[at], size, sizeof size));
    }
    fprintf(out, "\ntotal %s\n", human(a->bytes, size, sizeof size));
}

int main(int argc, char **argv) {
    struct analysis a;
    long rows = 10;
    time_t since = 0;
    const char *report = NULL;
    FILE *out = stdout;
    int option, wrong = 0, status = 0;
    char *end;
    memset(&a, 0, sizeof a);
    while ((option = getopt(argc, argv, "n:s:o:")) != -1) {
        int year, month, day, hour = 0, minute = 0;
        switch (option) {
            case 'n':
                rows = strtol(optarg, &end, 10);
                if (*end == '\0' && rows > 0) break;
                fprintf(stderr, "loganalyse: -n %s: a number above 0 is needed\n", optarg);
                return 2;
            case 's':
                if (sscanf(optarg, "%d-%d-%d %d:%d", &year, &month, &day, &hour, &minute) < 3) {
                    fprintf(stderr, "loganalyse: -s %s: no date\n", optarg);
                    return 2;
                }
                since = (time_t)days_of(year, month, day) * 86400 + hour * 3600 + minute * 60;
                break;
            case 'o': report = optarg; break;
            default: wrong = 1;
        }
    }
    if (wrong || optind >= argc) {
        fprintf(stderr, "usage: loganalyse [-n ROWS] [-s SINCE] [-o REPORT] LOG...\n");
        return 2;
    }
    open_table(&a.addresses, "address");
    open_table(&a.paths, "path");
    open_table(&a.statuses, "status");
    open_table(&a.methods, "method");
    for (; optind < argc; optind++) status |= analyse(&a, argv[optind], since);
    if (report != NULL && (out = fopen(report, "w")) == NULL) {
        fprintf(stderr, "loganalyse: %s: %s\n", report, strerror(errno));
        return 3;
    }
    print_report(out, &a, (size_t)rows);
    if (fflush(out) != 0 || (out != stdout && fclose(out) != 0)) {
        fprintf(stderr, "loganalyse: %s: %s\n", report == NULL ? "standard output" : report, strerror(errno));
        status = 3;
    }
    close_table(&a.addresses);
    close_table(&a.paths);
    close_table(&a.statuses);
    close_table(&a.methods);
    free(a.sizes);
    return status;
}
