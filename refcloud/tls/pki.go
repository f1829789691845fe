package tls

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"math/big"
	"sync"
	"time"

	"golang.org/x/crypto/ocsp"
)

// day is a day of a certificate's life.
const day = 24 * time.Hour

// issuer is an authority with its own certificate.
type issuer struct {
	cert *x509.Certificate
	key  crypto.Signer
}

// pki is a root, an authority below it that issues the endpoint's certificates, and
// another pair that nobody trusts.
type pki struct {
	root, between       issuer
	stranger, strangers issuer // a root and the authority below it
	main, other         string // the names that are served
	ecdsaKey            crypto.Signer
	p384Key             crypto.Signer
	otherKey            crypto.Signer
	rsaKey              func() crypto.Signer // long to make: when first asked for
	weakKey             func() crypto.Signer
}

func newPKI(main, other string) (*pki, error) {
	p := &pki{main: main, other: other}
	var err error
	for _, one := range []struct {
		into  *issuer
		above *issuer
		name  string
	}{
		{&p.root, &p.root, "Reference TLS root"}, {&p.between, &p.root, "Reference TLS authority"},
		{&p.stranger, &p.stranger, "Stranger root"}, {&p.strangers, &p.stranger, "Stranger authority"},
	} {
		if *one.into, err = newIssuer(one.name, one.above); err != nil {
			return nil, err
		}
	}
	for into, c := range map[*crypto.Signer]elliptic.Curve{&p.ecdsaKey: elliptic.P256(), &p.otherKey: elliptic.P256(), &p.p384Key: elliptic.P384()} {
		if *into, err = ecdsa.GenerateKey(c, rand.Reader); err != nil {
			return nil, fmt.Errorf("make key: %w", err)
		}
	}
	p.rsaKey, p.weakKey = rsaOf(2048), rsaOf(1024)
	go p.rsaKey()
	return p, nil
}

func rsaOf(bits int) func() crypto.Signer {
	return sync.OnceValue(func() crypto.Signer {
		key, err := rsa.GenerateKey(rand.Reader, bits)
		if err != nil {
			panic(err) // only for a length that isn't one
		}
		return key
	})
}

func newIssuer(name string, above *issuer) (issuer, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return issuer{}, fmt.Errorf("make key of %s: %w", name, err)
	}
	template := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: name, Organization: []string{"Reference cloud"}},
		NotBefore: time.Now().Add(-day), NotAfter: time.Now().Add(3650 * day),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign | x509.KeyUsageDigitalSignature,
	}
	parent, signer := above.cert, above.key
	if parent == nil {
		parent, signer = template, key
	}
	cert, err := issue(template, parent, key.Public(), signer)
	return issuer{cert, key}, err
}

func issue(template, parent *x509.Certificate, public crypto.PublicKey, signer crypto.Signer) (*x509.Certificate, error) {
	der, err := x509.CreateCertificate(rand.Reader, template, parent, public, signer)
	if err != nil {
		return nil, fmt.Errorf("make certificate of %s: %w", template.Subject.CommonName, err)
	}
	return x509.ParseCertificate(der)
}

func serial() *big.Int {
	n, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		panic(err) // the system's randomness never fails
	}
	return n
}

func (p *pki) rootPEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.root.cert.Raw})
}

// leaf is a certificate of the endpoint before it is issued.
type leaf struct {
	main     bool // of the main name; else of the other
	second   bool // the one of RSA, for clients that know nothing else
	key      crypto.Signer
	issuer   issuer
	self     bool
	promise  bool // must-staple
	template *x509.Certificate
}

// mustStaple is the TLS feature extension with status_request (RFC 7633).
var mustStaple = pkix.Extension{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 24}, Value: []byte{0x30, 3, 2, 1, 5}}

// newLeaf is a certificate as it should be: 89 days, issued 9 days ago.
func (p *pki) newLeaf(main, second bool) *leaf {
	l := &leaf{main: main, second: second, key: p.ecdsaKey, issuer: p.between}
	name := p.main
	if !main {
		name, l.key = p.other, p.otherKey
	}
	if second {
		l.key = p.rsaKey()
	}
	start := time.Now().Add(-9 * day)
	l.template = &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: name, Organization: []string{"Reference cloud"}}, DNSNames: []string{name},
		NotBefore: start, NotAfter: start.Add(89 * day), BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	return l
}

// pair issues a certificate under a plan, with its chain and its stapled response.
func (p *pki) pair(main, second bool, plan *plan) (tls.Certificate, error) {
	l := p.newLeaf(main, second)
	p.chooseKey(l, plan)
	for _, change := range plan.leaf {
		change(l)
	}
	if l.promise {
		l.template.ExtraExtensions = append(l.template.ExtraExtensions, mustStaple)
	}
	if l.self {
		l.issuer = issuer{l.template, l.key}
	}
	cert, err := issue(l.template, l.issuer.cert, l.key.Public(), l.issuer.key)
	if err != nil {
		return tls.Certificate{}, err
	}
	chain := [][]byte{cert.Raw, l.issuer.cert.Raw}
	if l.self {
		chain = chain[:1]
	}
	if main && !second && plan.chain != nil {
		chain = plan.chain(p, chain)
	}
	pair := tls.Certificate{Certificate: chain, PrivateKey: l.key, Leaf: cert}
	if !plan.bare {
		pair.OCSPStaple, err = p.stapled(cert, l, plan)
	}
	return pair, err
}

// chooseKey is what a plan makes of keys and issuers.
func (p *pki) chooseKey(l *leaf, plan *plan) {
	first := l.main && !l.second
	switch {
	case plan.rsaOnly:
		l.key = p.rsaKey()
	case first && plan.p384:
		l.key = p.p384Key
	case first && plan.weak:
		l.key = p.weakKey()
	}
	if first && plan.stranger {
		l.issuer = p.strangers
	}
}

// stapled is the response that goes with a certificate.
func (p *pki) stapled(cert *x509.Certificate, l *leaf, plan *plan) ([]byte, error) {
	above := l.issuer
	if l.self {
		above = p.between
	}
	signer := above
	template := ocsp.Response{Status: ocsp.Good, SerialNumber: cert.SerialNumber, ThisUpdate: time.Now().Add(-time.Hour), NextUpdate: time.Now().Add(3 * day)}
	if plan.staple != nil && plan.staple(&template) {
		signer = p.strangers
	}
	der, err := ocsp.CreateResponse(above.cert, signer.cert, template, signer.key)
	if err != nil {
		return nil, fmt.Errorf("make OCSP response: %w", err)
	}
	return der, nil
}

// spki are the public keys of certificates, each once, for TLSA records.
func spki(pairs []tls.Certificate) [][]byte {
	var keys [][]byte
	for _, pair := range pairs {
		raw := pair.Leaf.RawSubjectPublicKeyInfo
		if len(keys) == 0 || !bytes.Equal(keys[len(keys)-1], raw) {
			keys = append(keys, raw)
		}
	}
	return keys
}
