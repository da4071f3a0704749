/**
 * Who may connect to the broker and what they may publish and subscribe to: certificates, roles and
 * refusals. Pure decisions, that know neither the broker nor Camel; called by the buffer package.
 */
package io.unshub.access;
