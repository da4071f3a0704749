/** Whether what stands at Event Hubs is what the ledger says was forwarded. */
package io.unshub.parity;
