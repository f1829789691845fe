package tls

import "fmt"

// The versions of the protocol, as they are written in its messages.
const (
	ssl3  uint16 = 0x0300
	tls10 uint16 = 0x0301
	tls11 uint16 = 0x0302
	tls12 uint16 = 0x0303
	tls13 uint16 = 0x0304
)

// Signalling values that stand among the cipher suites.
const (
	renegotiationSCSV uint16 = 0x00ff // RFC 5746
	fallbackSCSV      uint16 = 0x5600 // RFC 7507
)

// family says what keeps a suite from being recommended.
type family string

const (
	strong   family = "strong"            // TLS 1.2, ECDHE and authenticated encryption
	modern   family = "tls13"             // TLS 1.3, authenticated encryption
	short    family = "short-tag"         // an authentication tag of 8 bytes, or no encryption, in TLS 1.3
	unsigned family = "anonymous"         // nobody's key
	clear    family = "null"              // no encryption
	export   family = "export"            // keys cut to 40 or 56 bits
	rc4      family = "rc4"               // RFC 7465
	des      family = "des"               // 64-bit blocks
	cbc      family = "cbc"               // forward secrecy, without authenticated encryption
	static   family = "no-forward-secret" // the certificate's key opens every recording
	finite   family = "dhe"               // Diffie-Hellman in a field that the server chooses
)

// suite is a line of IANA's registry of TLS cipher suites.
type suite struct {
	id     uint16
	name   string // without its "TLS_" and "WITH_"
	family family
}

// suites are those of the registry that a server could still know.
var suites = []suite{
	{0x1301, "AES_128_GCM_SHA256", modern}, {0x1302, "AES_256_GCM_SHA384", modern},
	{0x1303, "CHACHA20_POLY1305_SHA256", modern}, {0x1304, "AES_128_CCM_SHA256", modern},
	{0x1305, "AES_128_CCM_8_SHA256", short}, {0xc0b4, "SHA256_SHA256", short}, {0xc0b5, "SHA384_SHA384", short},

	{0xc02b, "ECDHE_ECDSA_AES_128_GCM_SHA256", strong}, {0xc02f, "ECDHE_RSA_AES_128_GCM_SHA256", strong},
	{0xc02c, "ECDHE_ECDSA_AES_256_GCM_SHA384", strong}, {0xc030, "ECDHE_RSA_AES_256_GCM_SHA384", strong},
	{0xcca9, "ECDHE_ECDSA_CHACHA20_POLY1305_SHA256", strong}, {0xcca8, "ECDHE_RSA_CHACHA20_POLY1305_SHA256", strong},
	{0xc0ac, "ECDHE_ECDSA_AES_128_CCM", strong}, {0xc0ad, "ECDHE_ECDSA_AES_256_CCM", strong},
	{0xc0ae, "ECDHE_ECDSA_AES_128_CCM_8", strong}, {0xc0af, "ECDHE_ECDSA_AES_256_CCM_8", strong},

	{0x009e, "DHE_RSA_AES_128_GCM_SHA256", finite}, {0x009f, "DHE_RSA_AES_256_GCM_SHA384", finite},
	{0xccaa, "DHE_RSA_CHACHA20_POLY1305_SHA256", finite}, {0xc09e, "DHE_RSA_AES_128_CCM", finite},
	{0xc09f, "DHE_RSA_AES_256_CCM", finite}, {0x0033, "DHE_RSA_AES_128_CBC_SHA", finite},
	{0x0039, "DHE_RSA_AES_256_CBC_SHA", finite}, {0x0067, "DHE_RSA_AES_128_CBC_SHA256", finite},
	{0x006b, "DHE_RSA_AES_256_CBC_SHA256", finite}, {0x0032, "DHE_DSS_AES_128_CBC_SHA", finite},
	{0x0038, "DHE_DSS_AES_256_CBC_SHA", finite}, {0x0045, "DHE_RSA_CAMELLIA_128_CBC_SHA", finite},
	{0x0088, "DHE_RSA_CAMELLIA_256_CBC_SHA", finite},

	{0xc009, "ECDHE_ECDSA_AES_128_CBC_SHA", cbc}, {0xc00a, "ECDHE_ECDSA_AES_256_CBC_SHA", cbc},
	{0xc013, "ECDHE_RSA_AES_128_CBC_SHA", cbc}, {0xc014, "ECDHE_RSA_AES_256_CBC_SHA", cbc},
	{0xc023, "ECDHE_ECDSA_AES_128_CBC_SHA256", cbc}, {0xc024, "ECDHE_ECDSA_AES_256_CBC_SHA384", cbc},
	{0xc027, "ECDHE_RSA_AES_128_CBC_SHA256", cbc}, {0xc028, "ECDHE_RSA_AES_256_CBC_SHA384", cbc},
	{0xc072, "ECDHE_ECDSA_CAMELLIA_128_CBC_SHA256", cbc}, {0xc076, "ECDHE_RSA_CAMELLIA_128_CBC_SHA256", cbc},

	{0x002f, "RSA_AES_128_CBC_SHA", static}, {0x0035, "RSA_AES_256_CBC_SHA", static},
	{0x003c, "RSA_AES_128_CBC_SHA256", static}, {0x003d, "RSA_AES_256_CBC_SHA256", static},
	{0x009c, "RSA_AES_128_GCM_SHA256", static}, {0x009d, "RSA_AES_256_GCM_SHA384", static},
	{0xc09c, "RSA_AES_128_CCM", static}, {0xc09d, "RSA_AES_256_CCM", static},
	{0x0041, "RSA_CAMELLIA_128_CBC_SHA", static}, {0x0084, "RSA_CAMELLIA_256_CBC_SHA", static},
	{0x0096, "RSA_SEED_CBC_SHA", static}, {0xc004, "ECDH_ECDSA_AES_128_CBC_SHA", static},
	{0xc00e, "ECDH_RSA_AES_128_CBC_SHA", static}, {0xc02d, "ECDH_ECDSA_AES_128_GCM_SHA256", static},
	{0xc031, "ECDH_RSA_AES_128_GCM_SHA256", static},

	{0x0009, "RSA_DES_CBC_SHA", des}, {0x000a, "RSA_3DES_EDE_CBC_SHA", des}, {0x0007, "RSA_IDEA_CBC_SHA", des},
	{0x0015, "DHE_RSA_DES_CBC_SHA", des}, {0x0016, "DHE_RSA_3DES_EDE_CBC_SHA", des}, {0x0013, "DHE_DSS_3DES_EDE_CBC_SHA", des},
	{0xc008, "ECDHE_ECDSA_3DES_EDE_CBC_SHA", des}, {0xc012, "ECDHE_RSA_3DES_EDE_CBC_SHA", des},

	{0x0004, "RSA_RC4_128_MD5", rc4}, {0x0005, "RSA_RC4_128_SHA", rc4}, {0xc002, "ECDH_ECDSA_RC4_128_SHA", rc4},
	{0xc007, "ECDHE_ECDSA_RC4_128_SHA", rc4}, {0xc00c, "ECDH_RSA_RC4_128_SHA", rc4}, {0xc011, "ECDHE_RSA_RC4_128_SHA", rc4},

	{0x0001, "RSA_NULL_MD5", clear}, {0x0002, "RSA_NULL_SHA", clear}, {0x003b, "RSA_NULL_SHA256", clear},
	{0xc001, "ECDH_ECDSA_NULL_SHA", clear}, {0xc006, "ECDHE_ECDSA_NULL_SHA", clear},
	{0xc00b, "ECDH_RSA_NULL_SHA", clear}, {0xc010, "ECDHE_RSA_NULL_SHA", clear},

	{0x0003, "RSA_EXPORT_RC4_40_MD5", export}, {0x0006, "RSA_EXPORT_RC2_CBC_40_MD5", export},
	{0x0008, "RSA_EXPORT_DES40_CBC_SHA", export}, {0x000e, "DH_RSA_EXPORT_DES40_CBC_SHA", export},
	{0x0011, "DHE_DSS_EXPORT_DES40_CBC_SHA", export}, {0x0014, "DHE_RSA_EXPORT_DES40_CBC_SHA", export},

	{0x0018, "DH_anon_RC4_128_MD5", unsigned}, {0x001b, "DH_anon_3DES_EDE_CBC_SHA", unsigned},
	{0x0034, "DH_anon_AES_128_CBC_SHA", unsigned}, {0x003a, "DH_anon_AES_256_CBC_SHA", unsigned},
	{0x006c, "DH_anon_AES_128_CBC_SHA256", unsigned}, {0x006d, "DH_anon_AES_256_CBC_SHA256", unsigned},
	{0x00a6, "DH_anon_AES_128_GCM_SHA256", unsigned}, {0x00a7, "DH_anon_AES_256_GCM_SHA384", unsigned},
	{0xc015, "ECDH_anon_NULL_SHA", unsigned}, {0xc016, "ECDH_anon_RC4_128_SHA", unsigned},
	{0xc018, "ECDH_anon_AES_128_CBC_SHA", unsigned}, {0xc019, "ECDH_anon_AES_256_CBC_SHA", unsigned},
}

// of returns the suites of some families.
func of(families ...family) []uint16 {
	var ids []uint16
	for _, s := range suites {
		for _, f := range families {
			if s.family == f {
				ids = append(ids, s.id)
			}
		}
	}
	return ids
}

// groups are the named groups of the registry, the finite fields of RFC 7919 apart.
var groups = map[uint16]string{
	19: "secp192r1", 21: "secp224r1", 1: "sect163k1", 3: "sect163r2", 6: "sect233k1", 15: "secp160k1", 16: "secp160r1", 17: "secp160r2",
	18: "secp192k1", 20: "secp224k1", 22: "secp256k1",
	23: "secp256r1", 24: "secp384r1", 25: "secp521r1", 26: "brainpoolP256r1", 27: "brainpoolP384r1", 28: "brainpoolP512r1",
	29: "x25519", 30: "x448", 4587: "SecP256r1MLKEM768", 4588: "X25519MLKEM768", 4589: "SecP384r1MLKEM1024",
}

// signatures are the signature schemes that a hello offers; those of SHA-1 and
// MD5 only where a check asks whether they are still taken.
var signatures = []uint16{0x0403, 0x0503, 0x0603, 0x0807, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601}

// weakSignatures are rsa_pkcs1_sha1, ecdsa_sha1, dsa_sha1 and rsa with MD5 (RFC 9155).
var weakSignatures = []uint16{0x0201, 0x0203, 0x0202, 0x0101}

var alerts = map[byte]string{
	0: "close_notify", 10: "unexpected_message", 20: "bad_record_mac", 22: "record_overflow", 40: "handshake_failure",
	42: "bad_certificate", 43: "unsupported_certificate", 47: "illegal_parameter", 50: "decode_error", 51: "decrypt_error",
	70: "protocol_version", 71: "insufficient_security", 80: "internal_error", 86: "inappropriate_fallback", 90: "user_canceled",
	109: "missing_extension", 110: "unsupported_extension", 112: "unrecognized_name", 120: "no_application_protocol",
}

func versionName(v uint16) string {
	switch v {
	case ssl3:
		return "SSL 3.0"
	case tls10, tls11, tls12, tls13:
		return fmt.Sprintf("TLS 1.%d", v-tls10)
	}
	return fmt.Sprintf("version 0x%04x", v)
}

func suiteName(id uint16) string {
	for _, s := range suites {
		if s.id == id {
			return s.name
		}
	}
	return fmt.Sprintf("suite 0x%04x", id)
}

func alertName(code byte) string {
	if name, ok := alerts[code]; ok {
		return name
	}
	return fmt.Sprintf("alert %d", code)
}
