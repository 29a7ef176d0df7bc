package main

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"atelier/app"
	"atelier/internal/badinput"
	"atelier/internal/c2pa"
	"atelier/internal/provenance"
	"atelier/model/run"
)

func newVerify(c *cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "verify FILE ...",
		Short: "Check the labels of files: whole, unchanged, and made by what",
		Long: `Check what files say of themselves: whether each has a label that is whole, whether the
work is the one that was labelled, who signed it, whether it has this machine's watermark,
and whether the run that made it is here. The label of a text is beside it, as FILE.json. A
file - is read from the standard input.

The exit code is 0 if every file has a whole label, 1 if one has none or a broken one, and 2
if a file cannot be read. A label proves nothing by itself: who can change a file can label it
again.`,
		Example: "  atelier verify sheet.png\n  atelier verify --json posters/*.png --trust partner.pem",
		Args:    takes(1, -1, "FILE"),
	}
	asJSON := jsonFlag(cmd)
	trust := cmd.Flags().StringArray("trust", nil, "file of certificates in PEM whose signatures are believed; may be repeated")
	key := cmd.Flags().String("watermark", "", "file of the key of the watermark; if empty, this machine's own")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		verifier, err := c.verifier(*trust, *key)
		if err != nil {
			return err
		}
		all := []*app.Verification{}
		broken, unread := 0, 0
		for _, name := range args {
			v, err := verifiedFile(verifier, name)
			if err != nil && len(args) > 1 {
				all = append(all, c.unread(name, err))
				unread++
				continue
			}
			if err != nil {
				return err
			}
			if !v.Whole {
				broken++
			}
			all = append(all, v)
			if !*asJSON {
				c.verified(v)
			}
		}
		if *asJSON {
			if err := c.json(all); err != nil {
				return err
			}
		}
		switch {
		case unread > 0:
			return badinput.Errorf("%d of %d files cannot be read", unread, len(args))
		case broken == 0:
			return nil
		case len(all) == 1:
			return errors.New(all[0].File + " has no label that is whole")
		}
		return fmt.Errorf("%d of %d files have no label that is whole", broken, len(all))
	}
	return cmd
}

// unread reports a file that cannot be read.
func (c *cli) unread(name string, err error) *app.Verification {
	why := aboutFile(name, err.Error())
	c.warn(name, why)
	return &app.Verification{File: name, Content: provenance.Unknown, Maker: app.NoMaker, Error: why}
}

// verifiedFile checks a file, or the standard input.
func verifiedFile(v app.Verifier, name string) (*app.Verification, error) {
	file, beside, err := readLabelled(name)
	if err != nil {
		return nil, err
	}
	return v.Verify(file, beside)
}

// verifier opens what files are checked with. It makes no keys.
func (c *cli) verifier(trust []string, key string) (v app.Verifier, err error) {
	v.Studio = &run.Studio{Runs: c.runs, Home: weightsHome()}
	keys := markKeys()
	if v.Key, err = keys.Watermark(key, false); err != nil && key != "" {
		return v, err
	} else if err != nil { // labels can be read without it
		c.warn("watermark", "not looked for: "+err.Error())
	}
	if v.Signer, err = keys.Signer("", false); err != nil {
		c.warn("signature", "not compared with this machine's own key: "+err.Error())
	}
	for _, path := range trust {
		certificates, err := c2pa.ReadCertificates(path)
		if err != nil {
			return v, err
		}
		v.Trusted = append(v.Trusted, certificates...)
	}
	return v, nil
}

// verified tells what was found about a file.
func (c *cli) verified(v *app.Verification) {
	state := "no label"
	switch {
	case v.Whole:
		state = "the label is whole"
	case len(v.Faults) > 0:
		state = "the label is broken"
	case v.Labelled:
		state = "a statement, but no label of atelier"
	}
	c.say("%s: %s", v.File, state)
	for _, f := range v.Faults {
		c.say("  wrong      %s", f)
	}
	if v.Label != nil {
		c.say("  made by    %s", makerWords(v))
	}
	if words := statementWords(v); words != "" {
		c.say("  stated     %s", words)
	}
	if v.Content != provenance.Unknown {
		c.say("  work       %s since it was labelled", string(v.Content))
	}
	if s := v.Signature; s != nil {
		c.say("  signature  %s", signatureWords(s))
	}
	if w := v.Watermark; w != nil && (w.Found || v.Label != nil && v.Label.Marks.Watermark == w.Key) {
		found := "found"
		if !w.Found {
			found = "not found"
		}
		c.say("  watermark  %s with the key %s (z %.1f)", found, w.Key, w.Z)
	}
	switch v.Maker {
	case app.NoMaker:
	case app.Here:
		c.say("  model      %s is here, with that checkpoint", v.Label.Run)
	case app.Otherwise:
		c.say("  model      %s is here, but not with that checkpoint", v.Label.Run)
	case app.NotOpened:
		c.say("  model      named by a path, which is not followed")
	default:
		c.say("  model      %s is %s", v.Label.Run, string(v.Maker))
	}
}

// signatureWords say who signed a file.
func signatureWords(s *app.Signature) string {
	if !s.Valid {
		return "not valid"
	}
	words := "valid, by " + s.By
	switch s.Trust {
	case app.Own:
		words += ": signed with this machine's own key, which shows that nothing was changed since, and nothing else"
	case app.Given:
		words += ": its certificate is trusted here"
	default:
		words += ": nobody here vouches for that name"
	}
	if s.Expired {
		words += "; the certificate has expired"
	}
	return words
}

// makerWords say what made a work, by its label.
func makerWords(v *app.Verification) string {
	words := "atelier " + v.By()
	if v.Label.Run != "" {
		words += madeFrom(v.Label.Run, v.Label.Checkpoint, v.Label.Seeds)
	}
	for _, name := range slices.Sorted(maps.Keys(v.Label.Inputs)) {
		in := v.Label.Inputs[name]
		words += fmt.Sprintf(", %s %s (SHA-256 %.12s)", name, in.Name, in.SHA256)
	}
	for _, name := range slices.Sorted(maps.Keys(v.Label.Weights)) {
		words += fmt.Sprintf(", weights %s (SHA-256 %.12s)", name, v.Label.Weights[name])
	}
	if v.Label.Version != "" {
		words += ", version " + v.Label.Version
	}
	return words
}

// statementWords say what a file states in terms of standards.
func statementWords(v *app.Verification) string {
	var all []string
	if v.DigitalSourceType != "" {
		all = append(all, "IPTC "+path.Base(v.DigitalSourceType))
	}
	if a := v.AIGC; a != nil {
		is := map[string]string{"1": "generated", "2": "possibly generated", "3": "suspected to be generated"}[a.Label]
		if is == "" {
			is = fmt.Sprintf("%q", a.Label)
		}
		all = append(all, fmt.Sprintf("GB 45438-2025 %s, by %s, number %s", is, a.ContentProducer, a.ProduceID))
	}
	return strings.Join(all, "; ")
}
