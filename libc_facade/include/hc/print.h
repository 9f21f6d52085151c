/* SPDX-License-Identifier: Apache-2.0
 *
 * The words of a printf record (HC_POST_PRINTF) and of plain output (HC_POST_BYTES), for those who pack them and those
 * who read them. The device sends the format and the arguments; the host does the formatting.
 *
 * PRINTF   word 0   header; immediate = stream:4 | arguments:12 | bytes of format:16
 *          word 1   mask of the lanes that print:32 | uniform arguments:32, a bit for each of the first 32
 *          then     the format, 8 bytes in a word, first byte lowest, the last word padded with zeros; no NUL is needed
 *          then for each argument in the order of the format, those of * widths and precisions included, a column:
 *                   one word where the argument is uniform: the same for every lane of the mask;
 *                   else, lowest lane first, two lanes to a word where the argument is narrow (lower lane in the lower
 *                   half, the last half zero where lanes are odd), or a word for each lane
 *                   narrow: * widths and precisions, integers without l, ll, j, z or t, and %s, which stands as the
 *                           string's byte length, HC_PRINT_NO_STRING for a null pointer; 32 bits
 *                   wide:   the other integers, doubles as their bits, pointers as addresses; 64 bits
 *          then     for each %s argument in turn the bytes of each lane's string (of one, where the argument is
 *                   uniform), each padded to whole words
 *          then     words of no meaning, where a string has become shorter since it was measured
 *
 * BYTES    word 0   header; immediate = stream
 *          word 1   byte count
 *          then     the bytes, padded to whole words
 *
 * A print that is too long for a record travels as a call, HC_OP_PRINT, and each lane's payload part is its own:
 *            the format, then one word for each argument (integers extended to 64 bits, HC_PRINT_NULL for a null string),
 *            then the bytes of each %s argument, each padded to whole words
 *
 * What one lane prints with one record or call stands in the output in one piece. Words whose numbers do not add up are
 * refused as a whole.
 */
#ifndef HC_PRINT_H
#define HC_PRINT_H
#include "platform.h"

#define HC_PRINT_NULL 0xffffffffffffffffull
#define HC_PRINT_NO_STRING 0xffffffffu
#define HC_PRINT_UNIFORMS 32u        /* arguments that have a bit in word 1 */
#define HC_PRINT_MAX_ARGS 4095u      /* 12 bits */
#define HC_PRINT_MAX_FORMAT 65535u   /* 16 bits */
#define HC_PRINT_MAX_FIELD (1 << 20) /* widest field, longest precision: beyond it a record is refused */
#define HC_PRINT_MAX_TEXT (1u << 28) /* bytes that a lane prints with one call: beyond it -EOVERFLOW */
#define HC_PRINT_FIRST 2u            /* where the format begins */

HC_FN hc_u32 hc_print_pack(hc_u32 stream, hc_u32 nargs, hc_u32 format_bytes) {
    return (stream & 15u) | (nargs << 4) | (format_bytes << 16);
}
HC_FN hc_u32 hc_print_stream(hc_u32 immediate) { return immediate & 15u; }
HC_FN hc_u32 hc_print_nargs(hc_u32 immediate) { return (immediate >> 4) & 0xfffu; }
HC_FN hc_u32 hc_print_format_bytes(hc_u32 immediate) { return immediate >> 16; }

/* Words that so many bytes take. */
HC_FN hc_u64 hc_print_words(hc_u64 bytes) { return bytes / 8u + (bytes % 8u != 0); }
/* Where the columns begin. */
HC_FN hc_u32 hc_print_columns_at(hc_u32 format_bytes) { return HC_PRINT_FIRST + (format_bytes + 7u) / 8u; }
/* Words of a column. */
HC_FN hc_u32 hc_print_column_words(hc_u32 lanes, int uniform, int narrow) { return uniform ? 1u : narrow ? (lanes + 1u) / 2u : lanes; }

#endif
