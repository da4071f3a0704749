/**
 * Who may ask what over HTTP: API keys, their scopes and subtrees, and how guessing is slowed down.
 * Knows nothing of HTTP itself.
 */
package io.unshub.ops.access;
