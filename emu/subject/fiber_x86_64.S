/* SPDX-License-Identifier: MIT */
/*
 * void subject_fiber_switch(uint64_t *save, uint64_t load)
 *
 * Leaves by an indirect jump: a ret would mispredict on every switch, because
 * the return stack belongs to the other fiber (facts concurrency.md section 4).
 */
	.text
	.globl	subject_fiber_switch
	.hidden	subject_fiber_switch
	.type	subject_fiber_switch, @function
subject_fiber_switch:
	pushq	%rbp
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rsp, (%rdi)
	movq	%rsi, %rsp
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbx
	popq	%rbp
	popq	%rcx
	jmp	*%rcx
	.size	subject_fiber_switch, . - subject_fiber_switch
	.section .note.GNU-stack, "", %progbits
