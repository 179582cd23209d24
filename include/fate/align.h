/* Alignment: two or more parties find which rows they share and put their tables into one common order, by private set intersection.
 *
 * fate_train aligns by itself when the job says so and the table was not made by fate_table_align, and then the validation tables where there are any
 * (FATE_PURPOSE_ALIGN_VALIDATION), but not with a recorder of evidence, which takes one run: FATE_E_ARGUMENT; fate_train_pooled, fate_predict and sessions that an application drives itself take tables as they are, which then hold
 * the same rows at all parties.
 *
 * It is a job like any other (purpose FATE_PURPOSE_ALIGN): of the algorithm "psi", or of a training job that says "align": "psi". Its result
 * is an alignment: for each place of the common order the row of this party's table. It is kept in a model file (fate_model_write,
 * fate_model_read) and can be used again on the same table, also in other jobs. fate_describe(context, "psi", ...) says what is sent and
 * what each party learns.
 *
 *   fate_align(context, &alignment, job, "bank", identity, table, transport, NULL, NULL);
 *   fate_table_align(table, &aligned, alignment);
 *   fate_train(context, &model, job, "bank", identity, aligned, NULL, transport, NULL, NULL);
 *
 * There the table is read for training (fate_job_schema with FATE_PURPOSE_TRAIN): one that was read with FATE_PURPOSE_ALIGN has ids and no columns,
 * and so has what fate_table_align makes of it.
 *
 * An alignment is confidential: it says which of a party's rows other parties have too. */
#ifndef FATE_ALIGN_H
#define FATE_ALIGN_H

#include <fate/train.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Runs one party of an alignment to its end. Blocks; uses the context's threads; ends as fate_train says under TIME.
 * alignment  out: NULL after an error; free with fate_model_free
 * table      in: the party's finished table; only its ids are looked at
 * The others as fate_train.
 * Returns as fate_train; FATE_E_UNSUPPORTED when the job neither is of "psi" nor says "align"; FATE_E_LIMIT when the intersection is smaller
 * than the job's "minimum_intersection", or one set larger than the other by more than its "maximum_ratio". */
FATE_API int32_t fate_align(fate_context *context, fate_model **alignment, const fate_job *job, const char *party,
                            const fate_identity *identity, const fate_table *table, const fate_transport *transport,
                            const fate_store *store, const fate_observer *observer);

/* The same of all parties in one process, without encryption and messages: what an alignment of several processes is compared with.
 * alignments  out: as many pointers as the job has parties, all NULL after an error; each is freed with fate_model_free
 * tables      in: as many tables, in the job's order
 * Returns FATE_OK; FATE_E_LIMIT; FATE_E_UNSUPPORTED; FATE_E_ARGUMENT when a table is missing; FATE_E_MEMORY. */
FATE_API int32_t fate_align_pooled(fate_context *context, fate_model **alignments, const fate_job *job, const fate_table *const *tables);

/* The table's rows in the common order, as a new finished table. Where a left join has a row that this party does not have, its values are
 * missing and its id is empty.
 * table      in: the one that was aligned, or another with the same ids
 * aligned    out: NULL after an error; free with fate_table_free
 * alignment  in: of this party
 * Returns FATE_OK; FATE_E_TABLE when the table does not hold the ids that were aligned; FATE_E_MODEL when it is no alignment, or one
 * that tells this party no rows ("learn": "count", or "guest" for a host); FATE_E_FORMAT when it is damaged; FATE_E_ARGUMENT;
 * FATE_E_MEMORY. The sentence is on the table's context. */
FATE_API int32_t fate_table_align(const fate_table *table, fate_table **aligned, const fate_model *alignment);

/* Facts of an alignment, by name: value out.
 *   "rows"           rows of the common order; 0 where this party learns no rows
 *   "intersection"   how many ids the guest and the hosts have in common; of a host in a job of several hosts without "both": in common with it
 *   "own"            how many different ids this party has
 *   "peer"           how many different ids the other party has; 0 with several hosts
 * Returns FATE_OK; FATE_E_ARGUMENT for another name; FATE_E_MODEL when it is no alignment; FATE_E_FORMAT when it is damaged. */
FATE_API int32_t fate_alignment_fact(const fate_model *alignment, const char *name, uint64_t *value);

/* Writes the rows of a CSV file in the common order to another: all columns as they are. After a left join a first column "row" numbers the
 * rows, since not every party knows every id. Memory is bounded whatever the size of the files. Written beside, flushed and renamed.
 * table      in: read from that file with fate_job_schema(job, party, FATE_PURPOSE_ALIGN), which reads the ids alone
 * alignment  in: of this party
 * from, to   in: file names
 * Returns FATE_OK; FATE_E_FILE; FATE_E_TABLE, FATE_E_MODEL and FATE_E_FORMAT as fate_table_align, and when the file is not the one that the
 * table was read from; FATE_E_ARGUMENT; FATE_E_MEMORY. The sentence is on the table's context. */
FATE_API int32_t fate_alignment_write_csv(const fate_model *alignment, const fate_table *table, const char *from, const char *to);

#ifdef __cplusplus
}
#endif
#endif
