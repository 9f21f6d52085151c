/* SPDX-License-Identifier: Apache-2.0
 *
 * rewinddir begins anew and sees what has been added.
 */
#include <dirent.h>
#include <sys/stat.h>
#include "check.h"

int main(void) {
    int n = 0;
    mkdir("d", 0777);
    make_file("d/a", "");
    DIR *d = opendir("d");
    while (readdir(d) != NULL) n++;
    I(n);
    make_file("d/b", "");
    rewinddir(d);
    for (n = 0; readdir(d) != NULL;) n++;
    I(n);
    errno = 0;
    I(readdir(d) == NULL && errno == 0);
    I(closedir(d));
    return 0;
}
