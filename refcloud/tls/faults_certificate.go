package tls

import (
	"crypto/x509"
	"time"

	"golang.org/x/crypto/ocsp"
)

var certificateFaults = []Fault{
	certified("tls.self-signed", "The certificate is signed by its own key.", func(l *leaf) { l.self = true }),
	certified("tls.common-name", "The service's name is in the common name only.", func(l *leaf) { l.template.DNSNames = nil }),
	certified("tls.wrong-name", "The certificate is made for another name.", func(l *leaf) { l.template.DNSNames = []string{"www.elsewhere.test"} }),
	certified("tls.expired", "The certificate expired yesterday.", func(l *leaf) {
		l.template.NotBefore, l.template.NotAfter = time.Now().Add(-89*day), time.Now().Add(-day)
	}),
	certified("tls.not-yet-valid", "The certificate begins tomorrow.", func(l *leaf) {
		l.template.NotBefore, l.template.NotAfter = time.Now().Add(day), time.Now().Add(90*day)
	}),
	certified("tls.renewed-late", "The certificate has two days left of its eighty-nine.", func(l *leaf) {
		l.template.NotBefore, l.template.NotAfter = time.Now().Add(-87*day), time.Now().Add(2*day)
	}),
	certified("tls.long-life", "The certificate is made for 825 days.", func(l *leaf) { l.template.NotAfter = l.template.NotBefore.Add(825 * day) }),
	certified("tls.sha1-certificate", "The certificate is signed with SHA-1.", func(l *leaf) { l.template.SignatureAlgorithm = x509.ECDSAWithSHA1 }),
	certified("tls.client-certificate", "The certificate is made for clients.", func(l *leaf) {
		l.template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	}),
	certified("tls.key-cannot-sign", "The certificate says that its key may encrypt, not sign.", func(l *leaf) { l.template.KeyUsage = x509.KeyUsageKeyEncipherment }),
	certified("tls.leaf-is-authority", "The endpoint's own certificate can issue others.", func(l *leaf) {
		l.template.IsCA, l.template.KeyUsage = true, l.template.KeyUsage|x509.KeyUsageCertSign
	}),
	{
		Name: "tls.short-key", Group: "certificate", Text: "The certificate has an RSA key of 1,024 bits.",
		Plant: func(p *plan) { p.weak = true },
	},
	{
		Name: "tls.second-expired", Group: "certificate", Text: "The certificate for clients that only know RSA expired last week.",
		Plant: func(p *plan) {
			p.leaf = append(p.leaf, func(l *leaf) {
				if l.second {
					l.template.NotBefore, l.template.NotAfter = time.Now().Add(-96*day), time.Now().Add(-7*day)
				}
			})
		},
	},
	chained("tls.unknown-authority", "The certificate comes from an authority that nobody trusts.", nil),
	chained("tls.intermediate-missing", "The intermediate certificate isn't sent.", func(_ *pki, chain [][]byte) [][]byte { return chain[:1] }),
	chained("tls.chain-disordered", "The root comes before the intermediate certificate.", func(k *pki, chain [][]byte) [][]byte {
		return [][]byte{chain[0], k.root.cert.Raw, chain[1]}
	}),
	chained("tls.chain-unrelated", "A certificate that has nothing to do with the others is sent along.", func(k *pki, chain [][]byte) [][]byte {
		return append(chain, k.stranger.cert.Raw)
	}),
	chained("tls.chain-long", "The root is sent ten times.", func(k *pki, chain [][]byte) [][]byte {
		for range 10 {
			chain = append(chain, k.root.cert.Raw)
		}
		return chain
	}),
	{
		Name: "tls.staple-missing", Group: "certificate", Text: "No OCSP response comes with the certificate.",
		Plant: func(p *plan) { p.bare = true },
	},
	{
		Name: "tls.promise-broken", Group: "certificate", Text: "The certificate promises an OCSP response, and none comes.",
		Plant: func(p *plan) {
			p.bare = true
			mainLeaf(func(l *leaf) { l.promise = true })(p)
		},
	},
	stapled("tls.staple-old", "The OCSP response was good until yesterday.", func(r *ocsp.Response) bool {
		r.ThisUpdate, r.NextUpdate = time.Now().Add(-5*day), time.Now().Add(-day)
		return false
	}),
	stapled("tls.staple-revoked", "The OCSP response says that the certificate is revoked.", func(r *ocsp.Response) bool {
		r.Status, r.RevokedAt = ocsp.Revoked, time.Now().Add(-day)
		return false
	}),
	stapled("tls.staple-other", "The OCSP response speaks of another certificate.", func(r *ocsp.Response) bool {
		r.SerialNumber = serial()
		return false
	}),
	stapled("tls.staple-forged", "The OCSP response is signed by a stranger.", func(*ocsp.Response) bool { return true }),
}

func certified(name, text string, change func(*leaf)) Fault {
	return Fault{Name: name, Group: "certificate", Text: text, Plant: mainLeaf(change)}
}

// chained changes the chain of the main name; without a change, its authority.
func chained(name, text string, change func(*pki, [][]byte) [][]byte) Fault {
	return Fault{Name: name, Group: "certificate", Text: text, Plant: func(p *plan) { p.chain, p.stranger = change, change == nil }}
}

func stapled(name, text string, change func(*ocsp.Response) bool) Fault {
	return Fault{Name: name, Group: "certificate", Text: text, Plant: func(p *plan) { p.staple = change }}
}
