// Package c2pa signs works, and checks signatures, as the Coalition for Content Provenance and
// Authenticity specifies in C2PA 2.2 (2025): a manifest in JUMBF holds a claim in CBOR with hashes of
// assertions and of the work, signed by COSE with a certificate. What is written depends on work and
// key alone: it holds no time and no random number.
package c2pa

import (
	"crypto/sha256"
	"fmt"

	"github.com/fxamacker/cbor/v2"
	"github.com/veraison/go-cose"
)

// The labels of boxes, and names of algorithms.
const (
	labelAssertions = "c2pa.assertions"
	labelClaim      = "c2pa.claim.v2"
	labelClaimOld   = "c2pa.claim"
	labelSignature  = "c2pa.signature"
	labelActions    = "c2pa.actions.v2"
	labelHash       = "c2pa.hash.data"
	hashSHA256      = "sha256"
	here            = "self#jumbf="
)

// A Work is what is signed.
type Work struct {
	// Source is the IPTC digital source type, an address.
	Source string
	// Program and Version name what made it.
	Program, Version string
	// Hash is the SHA-256 of the file without the bytes of Manifest.
	Hash [sha256.Size]byte
	// Manifest is where the manifest is in the file.
	Manifest Range
}

// A Range is a part of a file, in bytes.
type Range struct {
	Start  int `cbor:"start"`
	Length int `cbor:"length"`
}

// A hashedURI refers to a box.
type hashedURI struct {
	URL  string `cbor:"url"`
	Alg  string `cbor:"alg,omitempty"`
	Hash []byte `cbor:"hash"`
}

// A generator names a program.
type generator struct {
	Name    string `cbor:"name"`
	Version string `cbor:"version,omitempty"`
}

// A claim is what is signed.
type claim struct {
	InstanceID string      `cbor:"instanceID"`
	Generator  generator   `cbor:"claim_generator_info"`
	Signature  string      `cbor:"signature"`
	Created    []hashedURI `cbor:"created_assertions"`
	Alg        string      `cbor:"alg"`
}

type action struct {
	Action string    `cbor:"action"`
	Agent  generator `cbor:"softwareAgent"`
	Source string    `cbor:"digitalSourceType"`
}

type actions struct {
	Actions []action `cbor:"actions"`
}

// A dataHash is the assertion that binds a manifest to its file.
type dataHash struct {
	Exclusions []Range `cbor:"exclusions,omitempty"`
	Alg        string  `cbor:"alg,omitempty"`
	Hash       []byte  `cbor:"hash"`
	Name       string  `cbor:"name,omitempty"`
	Pad        []byte  `cbor:"pad"`
}

// id is a number derived from work and signer, in the form of a UUID.
func (s *Signer) id(w Work) string {
	h := sha256.New()
	h.Write(w.Hash[:])
	h.Write(s.chain[0].Raw)
	u := h.Sum(nil)[:16]
	u[6], u[8] = u[6]&0x0f|0x40, u[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", u[:4], u[4:6], u[6:8], u[8:10], u[10:])
}

// Manifest is the manifest store of a work, signed. Its length is even: after one of odd length, RIFF
// wants a byte of which readers disagree whether it belongs to the manifest.
func (s *Signer) Manifest(w Work) ([]byte, error) {
	store, err := s.manifest(w, []byte{})
	if err == nil && len(store)%2 > 0 {
		store, err = s.manifest(w, []byte{0})
	}
	return store, err
}

func (s *Signer) manifest(w Work, pad []byte) ([]byte, error) {
	id := s.id(w)
	made := generator{w.Program, w.Version}
	store := box{kind: kindAssertions, label: labelAssertions}
	c := claim{InstanceID: "xmp:iid:" + id, Generator: made, Alg: hashSHA256,
		Signature: here + "/c2pa/urn:c2pa:" + id + "/" + labelSignature}
	for _, a := range []struct {
		label string
		value any
	}{
		{labelActions, actions{[]action{{"c2pa.created", made, w.Source}}}},
		{labelHash, dataHash{[]Range{w.Manifest}, hashSHA256, w.Hash[:], "jumbf manifest", pad}},
	} {
		text, err := cbor.Marshal(a.value)
		if err != nil {
			return nil, err
		}
		b := box{kind: kindCBOR, label: a.label, contents: text}
		sum := sha256.Sum256(b.hashed())
		c.Created = append(c.Created, hashedURI{URL: here + labelAssertions + "/" + a.label, Hash: sum[:]})
		store.boxes = append(store.boxes, b)
	}
	claimed, err := cbor.Marshal(c)
	if err != nil {
		return nil, err
	}
	signature, err := s.sign(claimed)
	if err != nil {
		return nil, err
	}
	return box{kind: kindStore, label: "c2pa", boxes: []box{{kind: kindManifest, label: "urn:c2pa:" + id, boxes: []box{
		store,
		{kind: kindClaim, label: labelClaim, contents: claimed},
		{kind: kindSignature, label: labelSignature, contents: signature},
	}}}}.write(nil), nil
}

// sign signs a claim by COSE_Sign1, without the claim in it.
func (s *Signer) sign(claimed []byte) ([]byte, error) {
	by, err := cose.NewSigner(cose.AlgorithmEdDSA, s.key)
	if err != nil {
		return nil, err
	}
	m := cose.NewSign1Message()
	m.Headers.Protected.SetAlgorithm(cose.AlgorithmEdDSA)
	var chain []any
	for _, c := range s.chain {
		chain = append(chain, c.Raw)
	}
	m.Headers.Protected[cose.HeaderLabelX5Chain] = chain
	m.Payload = claimed
	if err := m.Sign(nil, nil, by); err != nil {
		return nil, err
	}
	m.Payload = nil
	return m.MarshalCBOR()
}
