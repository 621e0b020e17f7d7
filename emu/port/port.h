/* SPDX-License-Identifier: MIT */
/* What the ports of our mediators share: the hypervisor's idea of a VM. */
#ifndef EMU_PORT_PORT_H
#define EMU_PORT_PORT_H

#include "abi/ffa.h"

struct platform_vm {
	struct ffa_id id;
	bool used;         /* taken before the mediator is asked: creations may overlap */
	void *mediator_vm; /* what the mediator's create returned; NULL until it has */
};

#endif
