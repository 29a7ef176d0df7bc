package c2pa

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"time"

	"atelier/internal/badinput"
	"atelier/internal/durable"
)

// A Signer signs works. It is safe for concurrent use.
type Signer struct {
	key   ed25519.PrivateKey
	chain []*x509.Certificate // the signer's first, then those that signed it
}

// mostPEM is the size limit of a file with key and certificates, in bytes.
const mostPEM = 1 << 20

// The time during which certificates that are made here are valid: they hold no time of their own.
var (
	madeFrom = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	madeTo   = time.Date(2055, 12, 31, 23, 59, 59, 0, time.UTC)
)

// The key usages that C2PA allows besides the one for e-mail: signing documents (RFC 9336), and its
// own for claims.
var (
	documentSigning = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 36}
	claimSigning    = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 62558, 2, 1}
)

// SelfMade begins the name of the organisation of certificates that are made here.
const SelfMade = "made by Atelier on this machine, vouched for by nobody"

// OpenSigner reads the key and the certificates of a signer from a file in PEM: an Ed25519 key, its
// certificate, and those that signed it in order. If there is no such file and create is set, it
// makes a certificate authority of its own and a certificate, which only the user can read.
func OpenSigner(path string, create bool) (*Signer, error) {
	var fresh func() ([]byte, error)
	if create {
		fresh = newSigner
	}
	text, err := durable.Secret(path, mostPEM, fresh)
	if err != nil {
		return nil, badinput.Mark(err)
	}
	s, err := parseSigner(text)
	if err != nil {
		return nil, badinput.Errorf("%s: %w", path, err)
	}
	return s, nil
}

// newSigner is a new certificate authority and a certificate by it, in PEM, with the key of the
// latter only: the authority's is forgotten, so that it signs nothing else.
func newSigner() ([]byte, error) {
	authorityKey, authority, err := certify(nil, nil)
	if err != nil {
		return nil, err
	}
	key, leaf, err := certify(authority, authorityKey)
	if err != nil {
		return nil, err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	for _, b := range []pem.Block{{Type: "PRIVATE KEY", Bytes: secret}, {Type: "CERTIFICATE", Bytes: leaf.Raw}, {Type: "CERTIFICATE", Bytes: authority.Raw}} {
		if err := pem.Encode(&out, &b); err != nil {
			return nil, err
		}
	}
	return out.Bytes(), nil
}

// certify makes a key and a certificate by a parent, or an authority if there is none.
func certify(parent *x509.Certificate, by ed25519.PrivateKey) (ed25519.PrivateKey, *x509.Certificate, error) {
	public, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	sum := sha256.Sum256(public)
	t := &x509.Certificate{
		SerialNumber: new(big.Int).SetBytes(sum[:16]), NotBefore: madeFrom, NotAfter: madeTo, BasicConstraintsValid: true,
		Subject: pkix.Name{Organization: []string{SelfMade}, CommonName: "atelier " + hex.EncodeToString(sum[:4])},
	}
	if parent == nil {
		t.Subject.CommonName += ", authority"
		t.IsCA, t.KeyUsage, t.MaxPathLenZero, t.SubjectKeyId = true, x509.KeyUsageCertSign, true, sum[:20]
		parent, by = t, key
	} else {
		t.KeyUsage = x509.KeyUsageDigitalSignature
		t.ExtKeyUsage, t.UnknownExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection}, []asn1.ObjectIdentifier{claimSigning}
	}
	raw, err := x509.CreateCertificate(rand.Reader, t, parent, public, by)
	if err != nil {
		return nil, nil, err
	}
	c, err := x509.ParseCertificate(raw)
	return key, c, err
}

// parseSigner reads key and certificates. The error completes a sentence about the file.
func parseSigner(text []byte) (*Signer, error) {
	s := &Signer{}
	for rest := text; ; {
		var b *pem.Block
		if b, rest = pem.Decode(rest); b == nil {
			break
		}
		switch b.Type {
		case "PRIVATE KEY":
			key, err := x509.ParsePKCS8PrivateKey(b.Bytes)
			if err != nil {
				return nil, fmt.Errorf("the private key cannot be read: %w", err)
			}
			own, ok := key.(ed25519.PrivateKey)
			if !ok {
				return nil, errors.New("want an Ed25519 key: those of other kinds do not sign the same work with the same bytes")
			}
			s.key = own
		case "CERTIFICATE":
			c, err := x509.ParseCertificate(b.Bytes)
			if err != nil {
				return nil, fmt.Errorf("a certificate cannot be read: %w", err)
			}
			s.chain = append(s.chain, c)
		}
	}
	switch {
	case s.key == nil:
		return nil, errors.New("want a private key in PEM (PKCS #8), but there is none")
	case len(s.chain) == 0:
		return nil, errors.New("want the certificate of the key in PEM, but there is none")
	}
	if public, ok := s.chain[0].PublicKey.(ed25519.PublicKey); !ok || !public.Equal(s.key.Public()) {
		return nil, errors.New("the first certificate is not that of the private key")
	}
	if !usable(s.chain[0]) {
		return nil, fmt.Errorf("the certificate is not one for signing documents: want the key usage digitalSignature, one of the extended key usages emailProtection, document signing (%v) and C2PA claim signing (%v), and no authority", documentSigning, claimSigning)
	}
	for i, c := range s.chain[1:] {
		if err := s.chain[i].CheckSignatureFrom(c); err != nil {
			return nil, fmt.Errorf("certificate %d did not sign the one before it: %w", i+2, err)
		}
	}
	return s, nil
}

// ReadCertificates reads certificates from a file in PEM.
func ReadCertificates(path string) (all []*x509.Certificate, err error) {
	rest, err := durable.ReadFile(path, mostPEM)
	if err != nil {
		return nil, badinput.Mark(err)
	}
	for {
		var b *pem.Block
		if b, rest = pem.Decode(rest); b == nil {
			break
		}
		if b.Type != "CERTIFICATE" {
			continue
		}
		c, err := x509.ParseCertificate(b.Bytes)
		if err != nil {
			return nil, badinput.Errorf("%s: a certificate cannot be read: %w", path, err)
		}
		all = append(all, c)
	}
	if len(all) == 0 {
		return nil, badinput.Errorf("%s: want a certificate in PEM, but there is none", path)
	}
	return all, nil
}

// Fingerprint is the SHA-256 of the signer's certificate, in hexadecimal.
func (s *Signer) Fingerprint() string { return fingerprint(s.chain[0]) }

// Certificates are the signer's certificate and those that signed it.
func (s *Signer) Certificates() []*x509.Certificate { return slices.Clone(s.chain) }

func fingerprint(c *x509.Certificate) string {
	sum := sha256.Sum256(c.Raw)
	return hex.EncodeToString(sum[:])
}
