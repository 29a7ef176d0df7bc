package c2pa

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"atelier/internal/badinput"
)

const source = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"

// signed is a file of a store between two texts.
func signed(t testing.TB, by *Signer) (store, file []byte, at Range) {
	t.Helper()
	const before, after = "before", "after"
	w := Work{Source: source, Program: "Test", Version: "v1", Hash: sha256.Sum256([]byte(before + after))}
	w.Manifest.Start = len(before)
	for range 8 {
		made, err := by.Manifest(w)
		if err != nil {
			t.Fatal(err)
		}
		if len(made) == w.Manifest.Length {
			return made, slices.Concat([]byte(before), made, []byte(after)), w.Manifest
		}
		w.Manifest.Length = len(made)
	}
	t.Fatal("the length never settles")
	return nil, nil, at
}

func ownSigner(t testing.TB) (*Signer, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keys", "signer.pem")
	s, err := OpenSigner(path, true)
	if err != nil {
		t.Fatal(err)
	}
	return s, path
}

// What is signed is read, and is whole; a change anywhere is found.
func TestManifest(t *testing.T) {
	by, _ := ownSigner(t)
	store, file, at := signed(t, by)
	m, err := Read(store, file, at)
	if err != nil || len(m.Faults) > 0 || m.Source != source || m.Program != "Test v1" || m.Fingerprint != by.Fingerprint() || !strings.Contains(m.Signer, SelfMade) {
		t.Fatalf("%+v, error %v", m, err)
	}
	if again, _, _ := signed(t, by); !bytes.Equal(again, store) {
		t.Error("other bytes the second time")
	}
	if m.Expired(madeFrom) || !m.Expired(madeFrom.Add(-time.Hour)) || !m.Expired(madeTo.Add(time.Hour)) {
		t.Error("the certificate is valid at other times")
	}
	other, _ := ownSigner(t)
	authority := by.Certificates()[1]
	if !m.VouchedFor(authority) || !m.VouchedFor(by.Certificates()[0]) || m.VouchedFor(other.Certificates()[1]) {
		t.Error("vouched for by others")
	}
	all, err := readStore(store)
	if err != nil {
		t.Fatal(err)
	}
	manifest := &all.boxes[0]
	for what, part := range map[string][]byte{
		"claim":      manifest.child(ofKind(kindClaim)).contents,
		"signature":  manifest.child(ofKind(kindSignature)).contents,
		"assertion":  manifest.child(ofKind(kindAssertions)).boxes[0].body,
		"assertion ": manifest.child(ofKind(kindAssertions)).boxes[1].body,
	} {
		from := bytes.Index(store, part)
		for n := from; n < from+len(part); n++ {
			flipped := bytes.Clone(store)
			flipped[n] ^= 0x21
			m, err := Read(flipped, slices.Concat(file[:at.Start], flipped, file[at.Start+at.Length:]), at)
			if err == nil && len(m.Faults) == 0 && m.Fingerprint == by.Fingerprint() {
				t.Errorf("byte %d of the %s can be changed: %q", n-from, what, store[max(0, n-12):min(len(store), n+12)])
			}
		}
	}
	for name, changed := range map[string][]byte{"before": []byte("Before" + string(store) + "after"), "after": []byte("before" + string(store) + "after!")} {
		if m, err := Read(store, changed, at); err != nil || len(m.Faults) != 1 || !strings.Contains(m.Faults[0], "changed") {
			t.Errorf("%s: %+v, error %v", name, m, err)
		}
	}
	// a hash that leaves out more than the manifest
	if m, err := Read(store, file, Range{at.Start + 1, at.Length - 1}); err != nil || len(m.Faults) != 1 || !strings.Contains(m.Faults[0], "leaves out") {
		t.Errorf("%+v, error %v", m, err)
	}
}

// A signer is made once, for the user only; files that are none are refused.
func TestSigner(t *testing.T) {
	s, path := ownSigner(t)
	again, err := OpenSigner(path, true)
	if err != nil || again.Fingerprint() != s.Fingerprint() {
		t.Errorf("another the second time, error %v", err)
	}
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		t.Errorf("%v, error %v", info, err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	_, otherPath := ownSigner(t)
	others, err := os.ReadFile(otherPath)
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(whole, []byte("-----BEGIN CERT"))
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	authorityKey, authority, err := certify(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(authorityKey)
	if err != nil {
		t.Fatal(err)
	}
	certifier := slices.Concat(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: authority.Raw}))
	curve := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	for name, c := range map[string]struct {
		text []byte
		want string
	}{
		"nothing":         {nil, "want a private key"},
		"no key":          {whole[at:], "want a private key"},
		"no certificate":  {whole[:at], "want the certificate"},
		"another's":       {slices.Concat(others[:bytes.Index(others, []byte("-----BEGIN CERT"))], whole[at:]), "not that of the private key"},
		"another curve":   {slices.Concat(curve, whole[at:]), "want an Ed25519 key"},
		"broken key":      {[]byte("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"), "cannot be read"},
		"broken":          {append(bytes.Clone(whole), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"...), "cannot be read"},
		"a foreign chain": {append(bytes.Clone(whole), others[bytes.LastIndex(others, []byte("-----BEGIN CERT")):]...), "did not sign"},
		"an authority":    {certifier, "not one for signing documents: want the key usage digitalSignature, "},
		"too long":        {make([]byte, mostPEM+1), "larger than"},
	} {
		bad := filepath.Join(t.TempDir(), "bad.pem")
		if err := os.WriteFile(bad, c.text, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenSigner(bad, false); !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %s", name, err, c.want)
		}
	}
	if _, err := OpenSigner(filepath.Join(t.TempDir(), "missing.pem"), false); !errors.Is(err, badinput.Err) {
		t.Errorf("missing: %v", err)
	}
	if all, err := ReadCertificates(path); err != nil || len(all) != 2 {
		t.Errorf("%d certificates, error %v", len(all), err)
	}
}

// Whatever the bytes are, they are judged or refused.
func FuzzRead(f *testing.F) {
	by, _ := ownSigner(f)
	store, file, at := signed(f, by)
	f.Add(store, file)
	f.Add(store[:len(store)-1], file)
	f.Add(box{kind: kindStore, boxes: []box{{kind: kindManifest, boxes: []box{{kind: kindClaim, contents: []byte{0xa0}}, {kind: kindSignature, contents: []byte{0xd2, 0x84, 0x40, 0xa0, 0xf6, 0x40}}, {kind: kindAssertions}}}}}.write(nil), file)
	f.Fuzz(func(t *testing.T, store, file []byte) {
		m, err := Read(store, file, at)
		if err == nil && len(m.Faults) == 0 && m.Fingerprint != by.Fingerprint() && !bytes.Contains(store, by.chain[0].Raw) {
			t.Logf("signed by another: %+v", m)
		}
	})
}
