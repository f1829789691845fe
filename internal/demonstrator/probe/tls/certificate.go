package tls

import (
	"crypto/x509"
	"fmt"
	"slices"
	"time"

	stdtls "crypto/tls"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

// certificateChecks look at the certificates that the endpoint shows.
var certificateChecks = []probe.Check{
	{
		ID: "tls/certificate/trusted", Rule: "RFC 5280 section 6, RFC 8446 section 4.4.2",
		Title: lang.T("La chaîne mène à une autorité de confiance", "The chain leads to a trusted authority"),
		Run:   shown(wantTrusted),
	},
	{
		ID: "tls/certificate/order", Rule: "RFC 8446 section 4.4.2, RFC 5246 section 7.4.2",
		Title: lang.T("Chaque certificat est signé par le suivant", "Each certificate is signed by the next"),
		Run:   shown(wantOrder),
	},
	{
		ID: "tls/certificate/size", Rule: "RFC 8446 section 4.4.2, and the limits of the profile",
		Title: lang.T("La chaîne est courte", "The chain is short"),
		Run:   shown(wantSmall),
	},
	{
		ID: "tls/certificate/name", Rule: "RFC 9525 sections 6.2 and 6.3",
		Title: lang.T("Le certificat porte le nom du service parmi ses noms alternatifs", "The certificate bears the service's name among its alternative names"),
		Run: shown(func(t *probe.T, e *endpoint, did string, chain []*x509.Certificate) {
			wantName(t, did, chain[0], e.name)
		}),
	},
	{
		ID: "tls/certificate/dates", Rule: "RFC 5280 section 4.1.2.5",
		Title: lang.T("Les certificats sont en cours de validité", "The certificates are within their validity"),
		Run:   shown(wantDates),
	},
	{
		ID: "tls/certificate/remaining", Rule: "RFC 5280 section 4.1.2.5, and the limits of the profile",
		Title: lang.T("Le certificat est renouvelé bien avant sa fin", "The certificate is renewed well before its end"),
		Run:   shown(wantRemaining),
	},
	{
		ID: "tls/certificate/lifetime", Rule: "CA/Browser Forum Baseline Requirements section 6.3.2",
		Title: lang.T("La durée de vie du certificat est limitée", "The certificate's life is limited"),
		Run:   shown(wantShortLife),
	},
	{
		ID: "tls/certificate/key", Rule: "RFC 9325 section 4.5",
		Title: lang.T("Les clés ont une longueur suffisante", "The keys are long enough"),
		Run:   shown(wantKeys),
	},
	{
		ID: "tls/certificate/signature", Rule: "RFC 9325 section 4.5, RFC 9155",
		Title: lang.T("Les certificats ne sont pas signés avec SHA-1 ou MD5", "The certificates are not signed with SHA-1 or MD5"),
		Run:   shown(wantSignatures),
	},
	{
		ID: "tls/certificate/extended-use", Rule: "RFC 5280 section 4.2.1.12",
		Title: lang.T("Le certificat est fait pour un serveur", "The certificate is made for a server"),
		Run: shown(func(t *probe.T, _ *endpoint, did string, chain []*x509.Certificate) {
			t.Want(slices.Contains(chain[0].ExtKeyUsage, x509.ExtKeyUsageServerAuth), did,
				"a certificate without serverAuth among its extended key usages", "serverAuth")
		}),
	},
	{
		ID: "tls/certificate/use", Rule: "RFC 5280 section 4.2.1.3, RFC 8446 section 4.4.2.2",
		Title: lang.T("La clé du certificat peut signer", "The certificate's key may sign"),
		Run: shown(func(t *probe.T, _ *endpoint, did string, chain []*x509.Certificate) {
			use := chain[0].KeyUsage // 0 when it doesn't say
			t.Want(use == 0 || use&x509.KeyUsageDigitalSignature != 0, did,
				"a key usage without digitalSignature", "digitalSignature, or no key usage")
		}),
	},
	{
		ID: "tls/certificate/constraints", Rule: "RFC 5280 section 4.2.1.9",
		Title: lang.T("Seules les autorités peuvent émettre des certificats", "Only authorities can issue certificates"),
		Run:   shown(wantConstraints),
	},
	{
		ID: "tls/certificate/each-key", Rule: "RFC 8446 section 4.4.2.2",
		Title: lang.T("Le certificat RSA et le certificat ECDSA sont l'un et l'autre valables", "The RSA and the ECDSA certificate are both valid"),
		Run:   with(wantEachKey),
	},
	{
		ID: "tls/certificate/must-staple", Rule: "RFC 7633 section 4.2.3",
		Title: lang.T("Un certificat qui promet une preuve de non-révocation est servi avec elle", "A certificate that promises a proof of validity is served with it"),
		Run:   with(wantPromise),
	},
	{
		ID: "tls/certificate/stapled", Rule: "RFC 6066 section 8, RFC 6960 section 3.2", Features: []string{stapling},
		Title: lang.T("Une réponse OCSP valable accompagne le certificat", "A valid OCSP response comes with the certificate"),
		Run:   with(wantStaple),
	},
}

// shown gives a check the chain that a client of today sees.
func shown(run func(t *probe.T, e *endpoint, did string, chain []*x509.Certificate)) func(*probe.T) {
	return with(func(t *probe.T, e *endpoint) {
		const did = "a handshake"
		run(t, e, did, e.state(t, did, nil).PeerCertificates)
	})
}

// wantTrusted builds the path with what the endpoint sends and the trusted roots.
// Names, dates of the leaf and uses have checks of their own.
func wantTrusted(t *probe.T, e *endpoint, did string, chain []*x509.Certificate) {
	err := e.verify(chain, within(t.Now(), chain[0]))
	t.Want(err == nil, did, fmt.Sprintf("%d certificates that lead nowhere (%s)", len(chain), probe.Plain(err)), "a chain that leads to a trusted authority")
}

// within is the time nearest to now at which a certificate holds.
func within(now time.Time, c *x509.Certificate) time.Time {
	if now.After(c.NotAfter) {
		return c.NotAfter
	}
	if now.Before(c.NotBefore) {
		return c.NotBefore
	}
	return now
}

func (e *endpoint) verify(chain []*x509.Certificate, at time.Time) error {
	between := x509.NewCertPool()
	for _, c := range chain[1:] {
		between.AddCert(c)
	}
	_, err := chain[0].Verify(x509.VerifyOptions{
		Roots: e.session.TLS().RootCAs, Intermediates: between, CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	return err
}

// wantOrder follows the issuers. That a signature holds is left to wantTrusted.
func wantOrder(t *probe.T, _ *endpoint, did string, chain []*x509.Certificate) {
	for i, c := range chain[1:] {
		issuer := string(chain[i].RawIssuer) == string(c.RawSubject)
		t.Want(issuer, did, fmt.Sprintf("certificate %d (%s) after one issued by %s", i+2, c.Subject.CommonName, chain[i].Issuer.CommonName),
			"each certificate followed by its issuer's")
	}
}

func wantSmall(t *probe.T, e *endpoint, did string, chain []*x509.Certificate) {
	size := 0
	for _, c := range chain {
		size += len(c.Raw)
	}
	most, bytes := e.profile.figure("chain-certificates"), e.profile.figure("chain-bytes")
	t.Want(len(chain) <= most && size <= bytes, did, fmt.Sprintf("%d certificates of %d bytes in all", len(chain), size),
		fmt.Sprintf("%d certificates and %d bytes at most", most, bytes))
}

// wantName has no recourse to the common name (RFC 9525).
func wantName(t *probe.T, did string, leaf *x509.Certificate, name string) {
	if err := leaf.VerifyHostname(name); err != nil {
		t.Fail(did, fmt.Sprintf("a certificate for %q and %v (common name %q)", leaf.DNSNames, leaf.IPAddresses, leaf.Subject.CommonName), name+" among its names")
	}
}

func wantDates(t *probe.T, _ *endpoint, did string, chain []*x509.Certificate) {
	for i, c := range chain {
		if now := t.Now(); now.Before(c.NotBefore) || now.After(c.NotAfter) {
			t.Fail(did, fmt.Sprintf("certificate %d (%s) valid from %s to %s", i+1, c.Subject.CommonName,
				c.NotBefore.UTC().Format(time.RFC3339), c.NotAfter.UTC().Format(time.RFC3339)), "certificates that are valid now")
		}
	}
}

// wantRemaining says nothing of a certificate that is over, or not there yet.
func wantRemaining(t *probe.T, e *endpoint, did string, chain []*x509.Certificate) {
	leaf, least := chain[0], e.profile.figure("remaining-percent")
	life, left := leaf.NotAfter.Sub(leaf.NotBefore), leaf.NotAfter.Sub(t.Now())
	if left < 0 || life <= 0 {
		return
	}
	percent := int(100 * left / life)
	t.Want(percent >= least, did, fmt.Sprintf("a certificate with %d %% of its life left (%d hours)", percent, int(left.Hours())), fmt.Sprintf("%d %% at least", least))
}

func wantShortLife(t *probe.T, e *endpoint, did string, chain []*x509.Certificate) {
	leaf := chain[0]
	life, most := leaf.NotAfter.Sub(leaf.NotBefore)+time.Second, e.profile.longest(leaf.NotBefore) // both ends count
	t.Want(most == 0 || life <= most, did, fmt.Sprintf("a certificate for %d days", int(life.Hours()/24)),
		fmt.Sprintf("%d days at most for one issued on %s", int(most.Hours()/24), leaf.NotBefore.UTC().Format(time.DateOnly)))
}

func wantKeys(t *probe.T, e *endpoint, did string, chain []*x509.Certificate) {
	for i, c := range chain {
		kind, bits := keyOf(c)
		least, ok := e.profile.shortest(kind)
		t.Want(ok && bits >= least, did, fmt.Sprintf("certificate %d with a key of %s, %d bits", i+1, kind, bits),
			fmt.Sprintf("a kind of key and a length of the profile %s", e.profile.ID))
	}
}

// wantSignatures leaves the signature of a root on itself alone: nobody relies on it.
func wantSignatures(t *probe.T, e *endpoint, did string, chain []*x509.Certificate) {
	for i, c := range chain {
		if string(c.RawIssuer) == string(c.RawSubject) && i > 0 {
			continue
		}
		t.Want(useOf(e.profile.Signatures, hashOf(c)) != forbidden, did,
			fmt.Sprintf("certificate %d signed with %s", i+1, c.SignatureAlgorithm), "a signature algorithm of the profile "+e.profile.ID)
	}
}

func wantConstraints(t *probe.T, _ *endpoint, did string, chain []*x509.Certificate) {
	t.Want(!chain[0].IsCA, did, "the endpoint's own certificate is an authority's", "a certificate that can't issue others")
	for i, c := range chain[1:] {
		t.Want(c.BasicConstraintsValid && c.IsCA, did, fmt.Sprintf("certificate %d (%s) is no authority's", i+2, c.Subject.CommonName), "CA:TRUE in the certificates of authorities")
	}
}

// wantEachKey shows what clients see that only know one kind of signature, where
// it isn't the certificate that the other checks look at.
func wantEachKey(t *probe.T, e *endpoint) {
	usual := e.state(t, "a handshake", nil).PeerCertificates[0]
	for _, kind := range []string{"RSA", "ECDSA"} {
		did := "a handshake of TLS 1.2 for " + kind + " only"
		c, err := e.handshake(t.Context(), did, func(c *stdtls.Config) { c.MaxVersion, c.CipherSuites = tls12, libraryStrong(kind) })
		if _, refused := alertOf(err); refused {
			continue
		}
		t.Do(did, err)
		chain := c.ConnectionState().PeerCertificates
		c.Close()
		if chain[0].Equal(usual) {
			continue
		}
		wantName(t, did, chain[0], e.name)
		wantDates(t, e, did, chain)
		wantTrusted(t, e, did, chain)
	}
}

// libraryStrong are the library's suites of TLS 1.2 for a kind of key.
func libraryStrong(kind string) []uint16 {
	if kind == "RSA" {
		return []uint16{stdtls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, stdtls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, stdtls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256}
	}
	return []uint16{stdtls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, stdtls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, stdtls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256}
}
