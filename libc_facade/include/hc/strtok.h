/* SPDX-License-Identifier: Apache-2.0
 *
 * The functions of <string.h> that keep something for their lane, and names of signals.
 */
#ifndef HC_STRTOK_H
#define HC_STRTOK_H
#include "lane_block.h"
#include "string.h"

/* Each lane's goes on in its own text. A lane without a place of its own gets no second word. */
HC_BODY char *hc_do_strtok(char *text, const char *stop) {
    hc_u64 *kept = hc_lane_words(0);
    char *rest = kept ? (char *)(size_t)*kept : 0, *word;
    if (!text && !rest) return 0;
    word = hc_strtok_r(text, stop, &rest);
    if (kept) *kept = (hc_u64)(size_t)rest;
    return word;
}

/* The texts of Linux's signals, in the order of their numbers. */
HC_BODY const char *hc_signal_text(int number) {
    switch (number) {
    case 1: return "Hangup";
    case 2: return "Interrupt";
    case 3: return "Quit";
    case 4: return "Illegal instruction";
    case 5: return "Trace/breakpoint trap";
    case 6: return "Aborted";
    case 7: return "Bus error";
    case 8: return "Floating point exception";
    case 9: return "Killed";
    case 10: return "User defined signal 1";
    case 11: return "Segmentation fault";
    case 12: return "User defined signal 2";
    case 13: return "Broken pipe";
    case 14: return "Alarm clock";
    case 15: return "Terminated";
    case 16: return "Stack fault";
    case 17: return "Child exited";
    case 18: return "Continued";
    case 19: return "Stopped (signal)";
    case 20: return "Stopped";
    case 21: return "Stopped (tty input)";
    case 22: return "Stopped (tty output)";
    case 23: return "Urgent I/O condition";
    case 24: return "CPU time limit exceeded";
    case 25: return "File size limit exceeded";
    case 26: return "Virtual timer expired";
    case 27: return "Profiling timer expired";
    case 28: return "Window changed";
    case 29: return "I/O possible";
    case 30: return "Power failure";
    case 31: return "Bad system call";
    }
    return 0;
}
/* text, a space, and a number, in the lane's own memory; without any, the text alone. */
HC_BODY char *hc_lane_numbered(const char *text, int number) {
    hc_lane_block *b = hc_lane_block_of();
    hc_u32 rest = number < 0 ? 0u - (hc_u32)number : (hc_u32)number;
    char digits[12];
    int n = 0;
    char *to;
    if (!b) return (char *)text;
    to = hc_stpcpy(b->text, text);
    *to++ = ' ';
    if (number < 0) *to++ = '-';
    do {
        digits[n++] = (char)('0' + rest % 10u);
        rest /= 10u;
    } while (rest);
    HC_ROLLED while (n) *to++ = digits[--n];
    *to = 0;
    return b->text;
}
HC_FN char *hc_do_strsignal(int number) {
    const char *text = hc_signal_text(number);
    if (text) return (char *)text;
    if (number >= 34 && number <= 64) return hc_lane_numbered("Real-time signal", number - 34);
    return hc_lane_numbered("Unknown signal", number);
}
HC_FN char *hc_do_strerror(int code) {
    const char *text = hc_strerror_known(code);
    return text ? (char *)text : hc_lane_numbered("Unknown error", code);
}
/* Like strcmp, but numbers within the texts compare by their value; one that begins with a zero is a fraction. */
HC_BODY int hc_do_strverscmp(const char *a, const char *b) {
    size_t i, at, end_a, end_b;
    int fraction;
    for (i = 0; a[i] == b[i]; i++) {
        if (!a[i]) return 0;
    }
    for (at = i; at > 0 && hc_isdigit((hc_u8)a[at - 1u]); at--) {
    }
    /* The number that the difference lies in begins at `at`, in both. */
    if ((at == i && !(hc_isdigit((hc_u8)a[i]) && hc_isdigit((hc_u8)b[i]))) || (!hc_isdigit((hc_u8)a[i]) && !hc_isdigit((hc_u8)b[i])))
        return (hc_u8)a[i] - (hc_u8)b[i];
    fraction = at < i ? a[at] == '0' : a[i] == '0' || b[i] == '0';
    if (fraction) {
        size_t zeros = at;
        while (zeros < i && a[zeros] == '0') zeros++;
        if (zeros < i) return (hc_u8)a[i] - (hc_u8)b[i]; /* both in the digits behind the zeros */
        if (!hc_isdigit((hc_u8)a[i])) return 1;            /* fewer zeros are more */
        if (!hc_isdigit((hc_u8)b[i])) return -1;
        return (hc_u8)a[i] - (hc_u8)b[i];
    }
    for (end_a = i; hc_isdigit((hc_u8)a[end_a]); end_a++) {
    }
    for (end_b = i; hc_isdigit((hc_u8)b[end_b]); end_b++) {
    }
    if (end_a != end_b) return end_a > end_b ? 1 : -1;
    return (hc_u8)a[i] - (hc_u8)b[i];
}

HC_API char *hc_strtok(char *text, const char *stop) { HC_SPLIT(hc_do_strtok(text, stop), ::strtok(text, stop)) }
HC_API char *hc_strsignal(int number) { HC_SPLIT(hc_do_strsignal(number), ::strsignal(number)) }
HC_API int hc_strverscmp(const char *a, const char *b) { HC_SPLIT(hc_do_strverscmp(a, b), ::strverscmp(a, b)) }

#endif
