/**
 * Certificates of the plant's own: a root, an intermediate, what they issued and revoked, as files.
 * The only package that knows Bouncy Castle. Called by the commands; the broker reads the files.
 */
package io.unshub.pki;
