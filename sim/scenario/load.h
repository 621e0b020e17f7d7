/* SPDX-License-Identifier: MIT */
/*
 * Private to sim/scenario: the tables that describe the scenario language, and
 * what loads a document with them. Loader, schema and reference share the tables.
 *
 * A shape says what a value may look like; an object lists its properties, each
 * with a shape, a line of documentation and a handler. Loading an object
 *
 *   1. goes through the file: unknown keys and wrong shapes are errors,
 *   2. goes through the table: missing keys are errors, handlers are called.
 *
 * So handlers run in table order, which is the order of dependency (labels before
 * outcomes), whatever the order in the file. The first error ends the load.
 *
 * Handlers answer false after they have set the error with sim_fail().
 */
#ifndef SIM_SCENARIO_LOAD_H
#define SIM_SCENARIO_LOAD_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "sim/scenario/json.h"
#include "sim/scenario/scenario.h"
#include "sim/scenario/suggest.h"

/* "vm1.0", "host", "host.1" */
#define SIM_ACTOR_PATTERN "^(host|[a-z][a-z0-9_]*\\.(0|[1-9][0-9]*))$"
#define SIM_MOVER_PATTERN "^(host|sri|work|timer|[a-z][a-z0-9_]*\\.(0|[1-9][0-9]*))$"
#define SIM_LABEL_DOC     "a name for the step, unique in the file, for 'outcomes' and 'after'"
#define SIM_AFTER_DOC                                                                        \
	"the step begins only when the steps with these labels have ended; 'idle': when no " \
	"interrupt, work or due timer is left"

struct sim_object;

enum sim_shape_kind {
	SIM_SHAPE_TEXT,   /* a string; pattern, min and max bytes */
	SIM_SHAPE_CHOICE, /* one of the strings in choices */
	SIM_SHAPE_CALL,   /* the name of an FF-A call */
	SIM_SHAPE_STATUS, /* the name of a status code */
	SIM_SHAPE_ENDING, /* the name of what ends a call: a status or a function */
	SIM_SHAPE_BOOLEAN,
	SIM_SHAPE_INTEGER, /* a JSON integer; min, max */
	SIM_SHAPE_NUMBER,  /* a JSON integer or a string "0x1f" or "31"; min, max */
	SIM_SHAPE_LIST,    /* min to max elements */
	SIM_SHAPE_OBJECT,  /* object */
	SIM_SHAPE_MAP,     /* any key of pattern: element; min to max members */
	SIM_SHAPE_ANY_OF,  /* alternatives, told apart by their JSON types and choices */
};

struct sim_choice {
	const char *name;
	int value;
	const char *doc;
};

struct sim_shape {
	enum sim_shape_kind kind;
	const char *name; /* of the definition in the schema; NULL: written where it is used */
	const char *what; /* for messages: "expected WHAT, found ..." */
	const char *pattern;
	const char *key;   /* of a map: what a key is, for messages */
	unsigned max_key;  /* of a map: bytes of a key; 0: as many as a name has */
	const char *limit; /* what max counts, for messages: "VMs" */
	uint64_t min, max;
	const struct sim_choice *choices; /* ends with a NULL name */
	const struct sim_shape *element;
	const struct sim_object *object;
	const struct sim_shape *const *alternatives; /* NULL-terminated */
};

struct sim_loader {
	const struct sim_json *json;
	struct sim_scenario *scenario;
	GStringChunk *strings; /* of the scenario */
	GPtrArray *arrays;     /* of the scenario: freed with it */
	GPtrArray *exprs;      /* of the scenario */
	GArray *afters;        /* load_after.c: what is still to be looked up */
	GError **error;
};

typedef bool sim_handler(struct sim_loader *loader, const struct sim_json_value *value, void *into);

struct sim_property {
	const char *name;
	const struct sim_shape *shape;
	bool required;
	const char *doc;
	sim_handler *load; /* NULL: nothing to do */
};

struct sim_object {
	const char *name; /* of the definition in the schema */
	const char *doc;
	const struct sim_property *properties;
	unsigned count;
	bool one_key; /* exactly one member */
	bool open;    /* keys that are not in the table go to `other` instead of being errors */
};

/* The tables, each beside its handlers. */
extern const struct sim_object sim_object_scenario; /* load.c */
extern const struct sim_object sim_object_machine;  /* load_machine.c */
extern const struct sim_object sim_object_call;     /* load_step.c: into struct sim_step */
extern const struct sim_object sim_object_take;
extern const struct sim_object sim_object_write, sim_object_setup_write; /* load_write.c */
extern const struct sim_object sim_object_host_vcpu;
extern const struct sim_object sim_object_host_create;
extern const struct sim_object sim_object_host_destroy;
extern const struct sim_object sim_object_host_advance;
extern const struct sim_object sim_object_sp_set, sim_object_sp_bind, sim_object_sp_unbind,
        sim_object_sp_send;                                            /* load_sp.c */
extern const struct sim_object sim_object_step, sim_object_setup_step; /* load_thread.c */
extern const struct sim_object sim_object_setup_take;                  /* load_thread.c */
extern const struct sim_object sim_object_expect;                      /* load_expect.c */
/* sim/profile_fault.c; open: arguments of a call, and what any function carries */
extern const struct sim_object sim_object_fault_with, sim_object_fault_answer;
extern const struct sim_shape sim_shape_machine, sim_shape_setup, sim_shape_threads;
extern const struct sim_shape sim_shape_expect, sim_shape_status;   /* load_expect.c */
extern const struct sim_shape sim_shape_interrupt, sim_shape_label; /* load_step.c */
extern const struct sim_shape sim_shape_fail_alloc;                 /* load_step.c */
extern const struct sim_shape sim_shape_schedule, sim_shape_schedules, sim_shape_outcomes;
extern const struct sim_shape sim_shape_address; /* load_write.c */
extern const struct sim_shape sim_shape_after;   /* load_after.c */
extern const struct sim_shape sim_shape_boolean, sim_shape_reason, sim_shape_number;

/* The actions of the host. Ends with a NULL name. */
struct sim_host_action {
	const char *name;
	enum sim_action action;
	const struct sim_object *object;
};
extern const struct sim_host_action sim_host_actions[]; /* load_step.c */

/* What gets the members that an open object does not list. */
struct sim_other {
	sim_handler *load;
	void *into;
};

sim_handler sim_load_machine;   /* into is unused here and below */
sim_handler sim_load_threads;   /* load_thread.c */
sim_handler sim_load_setup;     /* load_thread.c */
sim_handler sim_load_expect;    /* load_expect.c: into struct sim_step */
sim_handler sim_load_label;     /* load_step.c: into struct sim_step */
sim_handler sim_load_after;     /* load_after.c: into struct sim_step */
sim_handler sim_load_schedule;  /* load_schedule.c */
sim_handler sim_load_schedules; /* load_schedule.c */
sim_handler sim_load_outcomes;  /* load_outcome.c */

/* shape.c: the machinery. */

/* Sets "file:line:col: /pointer: message" at a value or, with _key, at its key; answers false. */
bool sim_fail(struct sim_loader *loader, const struct sim_json_value *at, const char *format, ...)
        G_GNUC_PRINTF(3, 4);
bool sim_fail_key(struct sim_loader *loader, const struct sim_json_value *at, const char *format,
                  ...) G_GNUC_PRINTF(3, 4);

/* A string of the document; NULL if the value is none. Lives as long as the document. */
const char *sim_string(const struct sim_json_value *value);
/* What a value is, for messages: "a string", "the integer 3"... Caller frees. */
char *sim_found(const struct sim_json_value *value);
/* The place of a value, with strings that live as long as the scenario. */
struct sim_place sim_place_of(struct sim_loader *loader, const struct sim_json_value *value);
/* Copies a name; the shape has checked its length. */
void sim_copy_name(char *name, const char *text);
bool sim_matches(const char *text, const char *pattern);
/* Bytes of a key of a map at most. */
unsigned sim_longest_key(const struct sim_shape *shape);
/* A zeroed array that lives as long as the scenario. */
void *sim_array(struct sim_loader *loader, size_t count, size_t size);

/* A JSON integer, or a string that holds one; false, and no error, if it is neither or negative. */
bool sim_parse_number(const struct sim_json_value *value, uint64_t *ret_number);
/* The number in a value whose shape is SIM_SHAPE_NUMBER or SIM_SHAPE_INTEGER. */
uint64_t sim_number(const struct sim_json_value *value);
/* The value of the choice that a string names; the shape has checked that there is one. */
int sim_choice_value(const struct sim_shape *shape, const struct sim_json_value *value);

/* Checks one value against a shape, not what is inside it. */
bool sim_check_shape(struct sim_loader *loader, const struct sim_json_value *value,
                     const struct sim_shape *shape);
/*
 * Loads an object as described at the top. skip is a member that the caller has dealt
 * with, or NULL. other is NULL unless the object is open.
 */
bool sim_load_object(struct sim_loader *loader, const struct sim_json_value *value,
                     const struct sim_object *object, const struct sim_json_value *skip,
                     const struct sim_other *other, void *into);
/* Calls a handler for each element or member, after checking it against the shape. */
bool sim_load_each(struct sim_loader *loader, const struct sim_json_value *value,
                   const struct sim_shape *element, sim_handler *load, void *into);

/* load_step.c: one step, by its verb. The step has its actor and place; skip is the verb. */
bool sim_load_call(struct sim_loader *loader, const struct sim_json_value *value,
                   const struct sim_json_value *skip, struct sim_step *step);
bool sim_load_interrupt(struct sim_loader *loader, const struct sim_json_value *value,
                        struct sim_step *step);
/* load_write.c: the same; at is the address. In the set-up it is a property. */
bool sim_load_write(struct sim_loader *loader, const struct sim_json_value *value,
                    const struct sim_json_value *at, struct sim_step *step);
bool sim_load_setup_write(struct sim_loader *loader, const struct sim_json_value *value,
                          const struct sim_json_value *verb, struct sim_step *step);
bool sim_load_host(struct sim_loader *loader, const struct sim_json_value *value,
                   const struct sim_json_value *skip, struct sim_step *step);

/* load_after.c: not a label, but that the machine has nothing left to do by itself. */
bool sim_after_is_idle(const char *name);
/* What is to be looked up, and doing so once all threads are loaded. */
GArray *sim_afters_new(void);
bool sim_resolve_afters(struct sim_loader *loader);
/* Those noted since then belong to the set-up, whose steps have an order already. */
bool sim_refuse_afters(struct sim_loader *loader);

/* load_name.c: names of the scenario. */

/* The index of a VM; an error with a suggestion if there is none of that name. */
bool sim_find_vm(struct sim_loader *loader, const struct sim_json_value *at, const char *name,
                 unsigned *ret_vm);
/* "vm1.0" */
bool sim_find_vcpu(struct sim_loader *loader, const struct sim_json_value *at, const char *name,
                   unsigned *ret_vm, unsigned *ret_vcpu);
/* Function ids: a call name, or a number in a string. */
bool sim_find_call(struct sim_loader *loader, const struct sim_json_value *at, const char *name,
                   uint32_t *ret_fid);
/* The same of call names alone, for others than JSON values; the message is the caller's to free.
 */
bool sim_call_widths(const char *name, uint32_t *ret_fids, unsigned *ret_count);
char *sim_unknown_call(const char *name);
/* Every function id a name stands for: both widths if the name has no suffix and the call has two.
 */
bool sim_find_widths(struct sim_loader *loader, const struct sim_json_value *at, const char *name,
                     uint32_t *ret_fids, unsigned *ret_count);
/* The index of the thread of an actor, added at the end if it is new. at is where name stands. */
bool sim_find_actor(struct sim_loader *loader, const struct sim_json_value *at, const char *name,
                    unsigned *ret_thread);

/* load_field.c: registers and fields. */

/* The word of a version string; the shape has checked its form. */
bool sim_parse_version(struct sim_loader *loader, const struct sim_json_value *value,
                       uint32_t *ret_version);
/* "x5" or "w17"; false if the key is no raw register. */
bool sim_parse_register(const char *key, uint8_t *ret_reg, bool *ret_word);
/* The number that a value means for a field: a name of its kind, or a number. Checks the width. */
bool sim_field_value(struct sim_loader *loader, const struct sim_json_value *value,
                     const struct ffa_field *field, uint32_t fid, uint64_t *ret_value);
/* What a field takes, for messages and the schema. */
const char *sim_field_what(const struct ffa_field *field);
/* Offers the fields of a call as suggestions. */
void sim_offer_fields(struct sim_suggest *suggest, const struct ffa_field *fields);
/* The number for a raw register; checks the width of w registers. */
bool sim_register_value(struct sim_loader *loader, const struct sim_json_value *value, bool word,
                        uint64_t *ret_value);

#endif
