package probe

import (
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"maps"
	"slices"
	"sync"
)

// tlsKeys gathers the public keys that the endpoints of a session showed: what
// was measured was whoever held them.
type tlsKeys struct {
	mu   sync.Mutex
	seen map[string]bool
}

// note is called once for each connection whose certificate was accepted.
func (k *tlsKeys) note(state tls.ConnectionState) error {
	sum := sha256.Sum256(state.PeerCertificates[0].RawSubjectPublicKeyInfo)
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.seen == nil {
		k.seen = map[string]bool{}
	}
	k.seen["sha256:"+hex.EncodeToString(sum[:])] = true
	return nil
}

// TLSKeys returns the SHA-256 of each public key (SubjectPublicKeyInfo, RFC 5280)
// that the service showed so far, sorted.
func (s *Session) TLSKeys() []string {
	s.tlsKeys.mu.Lock()
	defer s.tlsKeys.mu.Unlock()
	return slices.Sorted(maps.Keys(s.tlsKeys.seen))
}
