/* SPDX-License-Identifier: Apache-2.0
 *
 * fclose of an input stream leaves a shared descriptor where the reader stands.
 * choice: POSIX wants the reader's place; glibc leaves the descriptor where it read ahead to. Either is taken.
 */
#include <fcntl.h>
#include <unistd.h>
#include "check.h"

int main(void) {
    make_file("a", "0123456789");
    int fd = open("a", O_RDONLY), other = dup(fd);
    FILE *f = fdopen(fd, "r");
    I(fgetc(f));
    I(fgetc(f));
    I(fgetc(f));
    I(fclose(f));
    off_t at = lseek(other, 0, SEEK_CUR);
    I(at == 3 || at == 10);
    close(other);
    return 0;
}
