/**
 * The unified namespace: topics, their levels, topic filters and the rules file that names them.
 * Anyone may call it; it knows nothing of the envelope, Camel or the broker.
 */
package io.unshub.uns;
