// Package oidc is the identity service of the reference cloud: the OpenID
// Provider of zitadel/oidc over an in-memory storage and a login page of ours,
// behind a TLS front that puts right what the library leaves out, applies
// ProConnect's rules to one of its clients, and plants faults by name.
package oidc
