package c2pa

import (
	"bytes"
	"cmp"
	"crypto"
	_ "crypto/sha512" // SHA-384 and SHA-512 of manifests by other programs
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/veraison/go-cose"

	"atelier/internal/badinput"
)

// A Manifest is the newest manifest of a file, and what is wrong with it.
type Manifest struct {
	// ID is its label.
	ID string
	// Program is what wrote it, with its version.
	Program string
	// Source is the digital source type of the action that created the work; empty if it names none.
	Source string
	// Signer is who signed it, as the certificate says; empty if it cannot be read.
	Signer string
	// Fingerprint is the SHA-256 of the signer's certificate, in hexadecimal.
	Fingerprint string
	// Chain is the signer's certificate and those that signed it, in order.
	Chain []*x509.Certificate
	// Faults say what is wrong: that something was changed since, or that it cannot be checked here.
	Faults []string
}

// decoding bounds what is decoded from files.
var decoding, _ = cbor.DecOptions{MaxNestedLevels: 16, MaxArrayElements: 1 << 14, MaxMapPairs: 1 << 12, DupMapKey: cbor.DupMapKeyEnforcedAPF}.DecMode()

var hashes = map[string]crypto.Hash{hashSHA256: crypto.SHA256, "sha384": crypto.SHA384, "sha512": crypto.SHA512}

// readClaim is a claim of any version, as far as it is read here.
type readClaim struct {
	Generator  cbor.RawMessage `cbor:"claim_generator_info"`
	OldProgram string          `cbor:"claim_generator"`
	Created    []hashedURI     `cbor:"created_assertions"`
	Gathered   []hashedURI     `cbor:"gathered_assertions"`
	Assertions []hashedURI     `cbor:"assertions"` // version 1
	Redacted   []string        `cbor:"redacted_assertions"`
	Alg        string          `cbor:"alg"`
}

// Read reads the newest manifest of a store, and checks it against the file in which the store takes
// a range. Manifests before it, of ingredients, are not checked. The error is for a store that cannot
// be read.
func Read(store, file []byte, at Range) (*Manifest, error) {
	all, err := readStore(store)
	if err != nil {
		return nil, err
	}
	b := &all.boxes[len(all.boxes)-1]
	m := &Manifest{ID: b.label}
	claimed, signature := b.child(ofKind(kindClaim)), b.child(ofKind(kindSignature))
	assertions := b.child(ofKind(kindAssertions))
	if claimed == nil || signature == nil || assertions == nil {
		return nil, badinput.Errorf("the C2PA manifest has no claim, assertions or signature")
	}
	m.checkSignature(signature.contents, claimed.contents)
	var c readClaim
	if err := decoding.Unmarshal(claimed.contents, &c); err != nil {
		m.fault("its claim cannot be read")
		return m, nil
	}
	m.program(c)
	m.checkAssertions(c, b, assertions)
	m.bind(assertions, c, file, at)
	return m, nil
}

func (m *Manifest) fault(format string, args ...any) {
	m.Faults = append(m.Faults, "the C2PA manifest: "+fmt.Sprintf(format, args...))
}

// program reads the names of the program that wrote the claim: a map, or an array of them before
// version 2.
func (m *Manifest) program(c readClaim) {
	var one generator
	var several []generator
	switch {
	case decoding.Unmarshal(c.Generator, &one) == nil:
	case decoding.Unmarshal(c.Generator, &several) == nil && len(several) > 0:
		one = several[0]
	default:
		one.Name = c.OldProgram
	}
	m.Program = strings.TrimSpace(one.Name + " " + one.Version)
}

// checkSignature checks the signature of a claim, and the chain of certificates.
func (m *Manifest) checkSignature(signature, claimed []byte) {
	msg := cose.NewSign1Message()
	if err := msg.UnmarshalCBOR(signature); err != nil {
		m.fault("its signature cannot be read")
		return
	}
	m.Chain = chainOf(msg.Headers)
	if len(m.Chain) == 0 {
		m.fault("its signature has no certificate")
		return
	}
	leaf := m.Chain[0]
	m.Fingerprint, m.Signer = fingerprint(leaf), nameOf(leaf)
	alg, err := msg.Headers.Protected.Algorithm()
	if err != nil {
		m.fault("its signature names no algorithm")
		return
	}
	by, err := cose.NewVerifier(alg, leaf.PublicKey)
	if err != nil {
		m.fault("its signature is of a kind that cannot be checked here: %v", alg)
		return
	}
	msg.Payload = claimed
	if msg.Verify(nil, by) != nil {
		m.fault("its signature is wrong: the claim was changed after it was signed")
	}
	for i, c := range m.Chain[1:] {
		if m.Chain[i].CheckSignatureFrom(c) != nil {
			m.fault("certificate %d did not sign the one before it", i+2)
		}
	}
	if !usable(leaf) {
		m.fault("its certificate is not one for signing documents")
	}
}

// usable reports whether a certificate is one that works are signed with: no authority, and of a
// purpose that C2PA allows.
func usable(c *x509.Certificate) bool {
	signs := slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageEmailProtection) ||
		slices.ContainsFunc(c.UnknownExtKeyUsage, func(id asn1.ObjectIdentifier) bool {
			return id.Equal(documentSigning) || id.Equal(claimSigning)
		})
	return !c.IsCA && signs && c.KeyUsage&x509.KeyUsageDigitalSignature != 0
}

// chainOf are the certificates of a signature: protected, or unprotected before version 2.
func chainOf(h cose.Headers) (chain []*x509.Certificate) {
	value, ok := h.Protected[cose.HeaderLabelX5Chain]
	if !ok {
		value, ok = h.Unprotected[cose.HeaderLabelX5Chain]
	}
	if !ok {
		value = h.Unprotected["x5chain"]
	}
	one, single := value.([]byte)
	several, _ := value.([]any)
	if single {
		several = []any{one}
	}
	const longest = 10
	for _, v := range several[:min(len(several), longest)] {
		raw, _ := v.([]byte)
		c, err := x509.ParseCertificate(raw)
		if err != nil {
			return nil
		}
		chain = append(chain, c)
	}
	return chain
}

// nameOf is whom a certificate names.
func nameOf(c *x509.Certificate) string {
	of := strings.Join(c.Subject.Organization, ", ")
	switch {
	case of == "":
		return cmp.Or(c.Subject.CommonName, "nobody named")
	case c.Subject.CommonName == "":
		return of
	}
	return c.Subject.CommonName + " (" + of + ")"
}

// checkAssertions compares the assertions of a claim with their hashes, and reads the actions.
func (m *Manifest) checkAssertions(c readClaim, manifest, assertions *box) {
	const most = 1000
	all := slices.Concat(c.Created, c.Gathered, c.Assertions)
	if len(all) > most {
		m.fault("it has %d assertions; at most %d are checked", len(all), most)
		return
	}
	for _, ref := range all {
		name := ref.URL[strings.LastIndexByte(ref.URL, '/')+1:]
		at := assertions.child(labelled(name))
		hash, known := hashes[cmp.Or(ref.Alg, c.Alg, hashSHA256)]
		switch {
		case slices.ContainsFunc(c.Redacted, func(url string) bool { return strings.HasSuffix(url, "/"+name) }):
		case at == nil:
			m.fault("the assertion %s is missing", name)
		case !known:
			m.fault("the assertion %s has a hash that cannot be checked here", name)
		case !bytes.Equal(sumOf(hash, at.body), ref.Hash):
			m.fault("the assertion %s was changed after it was signed", name)
		case strings.HasPrefix(name, "c2pa.actions"):
			m.actions(at.contents)
		}
	}
}

// actions reads the source of the work.
func (m *Manifest) actions(contents []byte) {
	var all struct {
		Actions []struct {
			Source string `cbor:"digitalSourceType"`
		} `cbor:"actions"`
	}
	if decoding.Unmarshal(contents, &all) != nil {
		return
	}
	for _, a := range all.Actions {
		m.Source = cmp.Or(m.Source, a.Source)
	}
}

// bind compares the file with the hash that the claim has of it.
func (m *Manifest) bind(assertions *box, c readClaim, file []byte, own Range) {
	at := assertions.child(labelled(labelHash))
	refers := func(ref hashedURI) bool { return strings.HasSuffix(ref.URL, "/"+labelHash) }
	if at == nil || !slices.ContainsFunc(slices.Concat(c.Created, c.Gathered, c.Assertions), refers) {
		m.fault("it is bound to its file in a way that cannot be checked here")
		return
	}
	var d dataHash
	if decoding.Unmarshal(at.contents, &d) != nil {
		m.fault("its hash of the file cannot be read")
		return
	}
	hash, known := hashes[cmp.Or(d.Alg, c.Alg, hashSHA256)]
	if !known {
		m.fault("its hash of the file is of a kind that cannot be checked here")
		return
	}
	h, done := hash.New(), 0
	slices.SortFunc(d.Exclusions, func(a, b Range) int { return cmp.Compare(a.Start, b.Start) })
	for _, x := range d.Exclusions {
		if x.Start < done || x.Length < 0 || x.Start > len(file) || x.Length > len(file)-x.Start {
			m.fault("its hash leaves out parts that the file does not have: the file was changed after it was signed")
			return
		}
		h.Write(file[done:x.Start])
		done = x.Start + x.Length
	}
	h.Write(file[done:])
	if !bytes.Equal(h.Sum(nil), d.Hash) {
		m.fault("the file was changed after it was signed")
	}
	for _, x := range d.Exclusions {
		if x.Start < own.Start || x.Start+x.Length > own.Start+own.Length {
			m.fault("its hash leaves out %d bytes besides its own, which anybody can have changed", x.Length)
		}
	}
}

func sumOf(hash crypto.Hash, data []byte) []byte {
	h := hash.New()
	h.Write(data)
	return h.Sum(nil)
}

// VouchedFor reports whether a certificate is one of the chain, or that of who signed it.
func (m *Manifest) VouchedFor(by *x509.Certificate) bool {
	for _, c := range m.Chain {
		if c.Equal(by) {
			return true
		}
	}
	return len(m.Chain) > 0 && m.Chain[len(m.Chain)-1].CheckSignatureFrom(by) == nil
}

// Expired reports whether the signer's certificate is not valid at a time.
func (m *Manifest) Expired(now time.Time) bool {
	return len(m.Chain) > 0 && (now.Before(m.Chain[0].NotBefore) || now.After(m.Chain[0].NotAfter))
}
