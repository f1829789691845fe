// Package postgres is the PostgreSQL of a reference offer: a real server of the
// machine's own packages behind a front. Clean connections go through the front
// byte for byte, so that TLS and SCRAM are the real server's; a connection that a
// fault or a variation disturbs has its TLS ended by the front, which edits the
// messages that pass. Other faults are the real server's own configuration,
// switched while it runs.
package postgres
