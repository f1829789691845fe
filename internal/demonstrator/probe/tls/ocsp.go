package tls

import (
	stdtls "crypto/tls"
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"time"

	"golang.org/x/crypto/ocsp"

	"aloi.dev/internal/demonstrator/probe"
)

// featureID is the TLS feature extension of a certificate (RFC 7633 section 6).
var featureID = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 24}

// promises reports whether a certificate promises a stapled response: the feature
// status_request, number 5.
func promises(c *x509.Certificate) bool {
	for _, x := range c.Extensions {
		var features []int
		if !x.Id.Equal(featureID) {
			continue
		}
		if _, err := asn1.Unmarshal(x.Value, &features); err != nil {
			return false
		}
		for _, f := range features {
			if f == 5 {
				return true
			}
		}
	}
	return false
}

func wantPromise(t *probe.T, e *endpoint) {
	const did = "a handshake"
	s := e.state(t, did, nil)
	if promises(s.PeerCertificates[0]) && len(s.OCSPResponse) == 0 {
		t.Fail(did, "a certificate that promises an OCSP response, without one", "the OCSP response")
	}
}

// wantStaple reads the response against the certificate's issuer.
func wantStaple(t *probe.T, e *endpoint) {
	const did = "a handshake"
	s := e.state(t, did, func(c *stdtls.Config) { c.MinVersion = tls12 })
	t.Want(len(s.OCSPResponse) > 0, did, "no OCSP response", "an OCSP response")
	leaf := s.PeerCertificates[0]
	issuer := e.issuer(s.PeerCertificates)
	if issuer == nil {
		return // that the chain leads nowhere is the business of another check
	}
	r, err := ocsp.ParseResponseForCert(s.OCSPResponse, leaf, issuer)
	t.Want(err == nil, did, "an OCSP response that can't be believed ("+probe.Plain(err)+")", "one for this certificate, signed by its issuer")
	t.Want(r.Status == ocsp.Good, did, fmt.Sprintf("an OCSP response with status %d", r.Status), "the status good")
	now := t.Now()
	t.Want(!now.Before(r.ThisUpdate) && (r.NextUpdate.IsZero() || !now.After(r.NextUpdate)), did,
		fmt.Sprintf("an OCSP response for %s to %s", r.ThisUpdate.UTC().Format(time.RFC3339), r.NextUpdate.UTC().Format(time.RFC3339)), "one that holds now")
}

// issuer is the certificate that signed the first of a chain: the next one, or the
// one that a path to a trusted root goes through.
func (e *endpoint) issuer(chain []*x509.Certificate) *x509.Certificate {
	for _, c := range chain[1:] {
		if chain[0].CheckSignatureFrom(c) == nil {
			return c
		}
	}
	paths, err := chain[0].Verify(x509.VerifyOptions{
		Roots: e.session.TLS().RootCAs, CurrentTime: chain[0].NotAfter, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	if err != nil || len(paths[0]) < 2 {
		return nil
	}
	return paths[0][1]
}
