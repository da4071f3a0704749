/**
 * Rehearsals of what can go wrong: faults on a hub of its own, and what the publishers' own files
 * say was lost.
 */
package io.unshub.drill;
