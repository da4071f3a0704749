/** What the plant's own routes do to readings, one integration pattern a class; knows no Camel. */
package io.unshub.pattern;
