/* SPDX-License-Identifier: Apache-2.0
 *
 * ini: reads, asks and rewrites INI files.
 *
 *     ini FILE                       print it, normalised
 *     ini FILE get SECTION.KEY       print one value; status 1 if it is not there
 *     ini FILE set SECTION.KEY VALUE write the file anew with that value
 *     ini FILE json                  print it as JSON, with numbers and booleans as such
 *
 * FILE "-" is standard input. Sections in brackets, "key = value" or "key: value", comments from ; or #, values in double quotes
 * with escapes, lines that end in a backslash go on. Every mistake is reported with its line; then the status is 2.
 */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct entry {
    char *key;
    char *value;
    int quoted;
    struct entry *next;
};

struct section {
    char *name;
    struct entry *first;
    struct entry **last;
    struct section *next;
};

struct ini {
    const char *path;
    struct section *first;
    struct section **last;
    int mistakes;
};

static void *need(void *p) {
    if (p == NULL) {
        fprintf(stderr, "ini: out of memory\n");
        exit(3);
    }
    return p;
}

static char *copy_of(const char *text, size_t length) {
    char *p = need(malloc(length + 1));
    memcpy(p, text, length);
    p[length] = '\0';
    return p;
}

static void mistake(struct ini *ini, long line, const char *format, ...) {
    va_list args;
    fprintf(stderr, "%s:%ld: ", ini->path, line);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    ini->mistakes++;
}

static struct section *find_section(struct ini *ini, const char *name, size_t length, int make) {
    struct section *s;
    for (s = ini->first; s != NULL; s = s->next) {
        if (strlen(s->name) == length && memcmp(s->name, name, length) == 0) return s;
    }
    if (!make) return NULL;
    s = need(calloc(1, sizeof *s));
    s->name = copy_of(name, length);
    s->last = &s->first;
    *ini->last = s;
    ini->last = &s->next;
    return s;
}

static struct entry *find_entry(struct section *s, const char *key) {
    struct entry *e;
    for (e = s->first; e != NULL; e = e->next) {
        if (strcasecmp(e->key, key) == 0) return e;
    }
    return NULL;
}

static struct entry *put_entry(struct section *s, const char *key, char *value, int quoted) {
    struct entry *e = find_entry(s, key);
    if (e == NULL) {
        e = need(calloc(1, sizeof *e));
        e->key = copy_of(key, strlen(key));
        *s->last = e;
        s->last = &e->next;
    } else {
        free(e->value);
    }
    e->value = value;
    e->quoted = quoted;
    return e;
}

/* Cuts the blanks at both ends, in place. */
static char *trimmed(char *text) {
    char *end;
    while (isspace((unsigned char)*text)) text++;
    end = text + strlen(text);
    while (end > text && isspace((unsigned char)end[-1])) end--;
    *end = '\0';
    return text;
}

/* Reads a logical line: physical ones that end in a backslash are joined. Returns its length or -1 at the end. */
static ssize_t read_logical(FILE *in, char **line, size_t *room, long *number) {
    char *part = NULL;
    size_t part_room = 0, length = 0;
    ssize_t got;
    int more = 1, any = 0;
    while (more && (got = getline(&part, &part_room, in)) >= 0) {
        any = 1;
        ++*number;
        while (got > 0 && (part[got - 1] == '\n' || part[got - 1] == '\r')) got--;
        more = got > 0 && part[got - 1] == '\\';
        if (more) got--;
        if (length + (size_t)got + 1 > *room) {
            *room = (length + (size_t)got + 1) * 2;
            *line = need(realloc(*line, *room));
        }
        memcpy(*line + length, part, (size_t)got);
        length += (size_t)got;
        (*line)[length] = '\0';
    }
    free(part);
    return any ? (ssize_t)length : -1;
}

/* A value in double quotes: turns its escapes into bytes. What follows the closing quote may only be a comment. */
static char *unquoted(struct ini *ini, long line, const char *text) {
    char *out = need(malloc(strlen(text) + 1)), *to = out;
    const char *p = text + 1;
    while (*p != '"' && *p != '\0') {
        if (*p != '\\') {
            *to++ = *p++;
            continue;
        }
        p++;
        switch (*p) {
            case 'n': *to++ = '\n'; break;
            case 't': *to++ = '\t'; break;
            case 'r': *to++ = '\r'; break;
            case '"':
            case '\\': *to++ = *p; break;
            case 'x': {
                char digits[3] = {0}, *end;
                if (p[1] != '\0') {
                    digits[0] = p[1];
                    digits[1] = p[2];
                }
                *to++ = (char)strtol(digits, &end, 16);
                if (end == digits) mistake(ini, line, "\\x without digits");
                p += end - digits;
                break;
            }
            case '\0': p--; break;
            default: mistake(ini, line, "unknown escape \\%c", *p);
        }
        p++;
    }
    *to = '\0';
    if (*p != '"') {
        mistake(ini, line, "a quote is not closed");
    } else {
        p++;
        while (isblank((unsigned char)*p)) p++;
        if (*p != '\0' && *p != ';' && *p != '#') mistake(ini, line, "text behind the closing quote: %.10s", p);
    }
    return out;
}

static void parse(struct ini *ini, FILE *in) {
    char *line = NULL;
    size_t room = 0;
    long number = 0, first;
    struct section *section = find_section(ini, "", 0, 1);
    for (first = 1; read_logical(in, &line, &room, &number) >= 0; first = number + 1) {
        char *text = trimmed(line), *mark, *value;
        if (*text == '\0' || *text == ';' || *text == '#') continue;
        if (*text == '[') {
            char *end = strchr(text, ']');
            if (end == NULL) {
                mistake(ini, first, "no ] in %s", text);
                continue;
            }
            *end = '\0';
            text = trimmed(text + 1);
            if (*text == '\0') mistake(ini, first, "a section needs a name");
            section = find_section(ini, text, strlen(text), 1);
            continue;
        }
        mark = text + strcspn(text, "=:");
        if (*mark == '\0') {
            mistake(ini, first, "neither = nor : in '%s'", text);
            continue;
        }
        *mark = '\0';
        text = trimmed(text);
        value = trimmed(mark + 1);
        if (*text == '\0') {
            mistake(ini, first, "a value without a key: '%s'", value);
            continue;
        }
        if (find_entry(section, text) != NULL) mistake(ini, first, "%s is there twice in [%s]", text, section->name);
        if (*value == '"') {
            put_entry(section, text, unquoted(ini, first, value), 1);
        } else {
            char *comment = strpbrk(value, ";#");
            while (comment != NULL && comment > value && !isblank((unsigned char)comment[-1])) {
                comment = strpbrk(comment + 1, ";#");
            }
            if (comment != NULL) *comment = '\0';
            value = trimmed(value);
            put_entry(section, text, copy_of(value, strlen(value)), 0);
        }
    }
    if (ferror(in)) mistake(ini, number, "cannot be read: %s", strerror(errno));
    free(line);
}

/* Whether a value survives only in quotes. */
static int needs_quotes(const char *value) {
    size_t length = strlen(value), i;
    if (length == 0) return 0;
    if (isspace((unsigned char)value[0]) || isspace((unsigned char)value[length - 1]) || value[0] == '"') return 1;
    for (i = 0; i < length; i++) {
        if (iscntrl((unsigned char)value[i]) || value[i] == ';' || value[i] == '#') return 1;
    }
    return value[length - 1] == '\\';
}

static void write_quoted(FILE *out, const char *value, int json) {
    fputc('"', out);
    for (; *value != '\0'; value++) {
        unsigned char c = (unsigned char)*value;
        if (c == '"' || c == '\\') {
            fprintf(out, "\\%c", c);
        } else if (c == '\n') {
            fputs("\\n", out);
        } else if (c == '\t') {
            fputs("\\t", out);
        } else if (iscntrl(c)) {
            fprintf(out, json ? "\\u%04x" : "\\x%02x", c);
        } else {
            putc(c, out);
        }
    }
    fputc('"', out);
}

static void print_ini(struct ini *ini, FILE *out) {
    struct section *s;
    struct entry *e;
    int any = 0;
    for (s = ini->first; s != NULL; s = s->next) {
        size_t width = 0;
        if (s->first == NULL && *s->name == '\0') continue;
        if (any++) fputc('\n', out);
        if (*s->name != '\0') fprintf(out, "[%s]\n", s->name);
        for (e = s->first; e != NULL; e = e->next) {
            if (strlen(e->key) > width) width = strlen(e->key);
        }
        for (e = s->first; e != NULL; e = e->next) {
            fprintf(out, "%-*s =", (int)width, e->key);
            if (*e->value != '\0') fputc(' ', out);
            if (needs_quotes(e->value)) write_quoted(out, e->value, 0);
            else fputs(e->value, out);
            fputc('\n', out);
        }
    }
}

static void print_json_value(const struct entry *e) {
    static const char *const yes[] = {"true", "yes", "on"}, *const no[] = {"false", "no", "off"};
    char *end;
    double number;
    size_t i;
    if (!e->quoted && *e->value != '\0') {
        for (i = 0; i < 3; i++) {
            if (strcasecmp(e->value, yes[i]) == 0 || strcasecmp(e->value, no[i]) == 0) {
                fputs(strcasecmp(e->value, yes[i]) == 0 ? "true" : "false", stdout);
                return;
            }
        }
        errno = 0;
        number = strtod(e->value, &end);
        if (*end == '\0' && errno == 0 && (isdigit((unsigned char)e->value[0]) || *e->value == '-') && number - number == 0) {
            if (strpbrk(e->value, ".eExX") == NULL) printf("%lld", strtoll(e->value, NULL, 10));
            else printf("%.15g", number);
            return;
        }
    }
    write_quoted(stdout, e->value, 1);
}

static void print_json(struct ini *ini) {
    struct section *s;
    struct entry *e;
    const char *between = "\n";
    putchar('{');
    for (s = ini->first; s != NULL; s = s->next) {
        const char *comma = "\n";
        if (s->first == NULL && *s->name == '\0') continue;
        fputs(between, stdout);
        between = ",\n";
        fputs("  ", stdout);
        write_quoted(stdout, s->name, 1);
        fputs(": {", stdout);
        for (e = s->first; e != NULL; e = e->next) {
            printf("%s    ", comma);
            comma = ",\n";
            write_quoted(stdout, e->key, 1);
            fputs(": ", stdout);
            print_json_value(e);
        }
        fputs(s->first == NULL ? "}" : "\n  }", stdout);
    }
    puts("\n}");
}

static void free_ini(struct ini *ini) {
    struct section *s = ini->first;
    while (s != NULL) {
        struct section *after = s->next;
        struct entry *e = s->first;
        while (e != NULL) {
            struct entry *next = e->next;
            free(e->key);
            free(e->value);
            free(e);
            e = next;
        }
        free(s->name);
        free(s);
        s = after;
    }
}

/* A new file beside the old one takes its name, so that nobody ever sees half of it. */
static int rewrite(struct ini *ini) {
    size_t length = strlen(ini->path);
    char *beside = need(malloc(length + 5));
    FILE *out;
    int status = 0;
    snprintf(beside, length + 5, "%s.new", ini->path);
    out = fopen(beside, "w");
    if (out == NULL) {
        fprintf(stderr, "ini: %s: %s\n", beside, strerror(errno));
        free(beside);
        return 3;
    }
    print_ini(ini, out);
    if (fclose(out) != 0 || rename(beside, ini->path) != 0) {
        fprintf(stderr, "ini: %s: %s\n", ini->path, strerror(errno));
        remove(beside);
        status = 3;
    }
    free(beside);
    return status;
}

int main(int argc, char **argv) {
    struct ini ini = {NULL, NULL, NULL, 0};
    FILE *in = stdin;
    const char *command = argc > 2 ? argv[2] : "print";
    int wanted = strcmp(command, "get") == 0 ? 4 : strcmp(command, "set") == 0 ? 5 : 3;
    int status = 0;
    if (argc < 2 || (argc > 2 && argc != wanted)) {
        fprintf(stderr, "usage: ini FILE [get SECTION.KEY | set SECTION.KEY VALUE | json]\n");
        return 2;
    }
    ini.path = argv[1];
    ini.last = &ini.first;
    if (strcmp(ini.path, "-") != 0 && (in = fopen(ini.path, "r")) == NULL) {
        fprintf(stderr, "ini: %s: %s\n", ini.path, strerror(errno));
        return 3;
    }
    parse(&ini, in);
    if (in != stdin) fclose(in);
    if (ini.mistakes > 0) {
        fprintf(stderr, "%s: %d mistake%s\n", ini.path, ini.mistakes, ini.mistakes == 1 ? "" : "s");
        status = 2;
    } else if (wanted > 3) {
        const char *name = argv[3], *dot = strrchr(name, '.');
        const char *key = dot == NULL ? name : dot + 1;
        struct section *s = find_section(&ini, name, dot == NULL ? 0 : (size_t)(dot - name), wanted == 5);
        if (wanted == 5) {
            put_entry(s, key, copy_of(argv[4], strlen(argv[4])), 0);
            status = rewrite(&ini);
        } else {
            struct entry *e = s == NULL ? NULL : find_entry(s, key);
            if (e != NULL) puts(e->value);
            status = e == NULL;
        }
    } else if (strcmp(command, "json") == 0) {
        print_json(&ini);
    } else if (strcmp(command, "print") == 0) {
        print_ini(&ini, stdout);
    } else {
        fprintf(stderr, "ini: unknown command '%s'\n", command);
        status = 2;
    }
    free_ini(&ini);
    return status;
}
