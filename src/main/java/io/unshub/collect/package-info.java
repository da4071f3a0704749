/**
 * Turns the values of PLC and SCADA systems into canonical readings, tagged with quality at the
 * source: connection and tag files, and one collector per connection. Knows the envelope and the
 * protocol libraries, nothing of Camel or the broker; called by the route package.
 */
package io.unshub.collect;
