/* Where results are written: checked before the work begins, so that hours of training do not end at a missing directory. */
#ifndef TOOLS_TARGET_H
#define TOOLS_TARGET_H

#include <fate/fate.h>

/* All return 0, or an exit code after the error was printed. */

/* Checks that a file of that name can be written. path NULL: nothing to check. */
int target_check_writable(const char *path);

/* The same for a party's model. A file that is there must be the model of this job and party, else it is an error:
 * nothing else is ever overwritten. *present: 1 when it is. */
int target_check_model(fate_context *context, const char *path, const fate_job *job, uint32_t party, int *present);

/* Writes a model. Where that fails after all, as on a disk that filled up in the meantime, it goes under the same name, with a number when that is
 * taken, into the working directory or else that for temporary files; the error says where it is. */
int target_write_model(fate_context *context, const fate_model *model, const char *path);

/* Makes a directory when it is missing. */
int target_make_directory(const char *path);

/* 1 when a directory of fate_directory_store_new keeps something: a file whose name begins with a letter. NULL: 0. */
int target_has_state(const char *path);

/* "DIRECTORY/PARTY.model"; free. NULL when there is no memory. */
char *target_model_path(const char *directory, const char *party);

#endif
