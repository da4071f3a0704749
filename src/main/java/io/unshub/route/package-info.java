/** The only package that knows Camel: components, beans for the routes, start and stop. */
package io.unshub.route;
