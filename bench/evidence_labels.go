package bench

import (
	"context"
	"fmt"
	"image"
	"os"
	"path/filepath"

	"atelier/app"
	"atelier/internal/c2pa"
	"atelier/internal/picture"
	"atelier/internal/provenance"
	"atelier/model/run"
)

// labelOfSheet is the label of a usual work: a sheet of 64 samples.
func labelOfSheet(on *Machine, by *c2pa.Signer) provenance.Label {
	return provenance.Label{
		Run: "0001-fashion", Checkpoint: "5c2efaaa7ed7f9af3245dacbba7553cc6509def690d36598bd57229a7a883fee", Seeds: run.Seeds(1, 64),
		Settings: map[string]string{"as": "sheet", "format": "png", "n": "64", "seed": "1", "truncation": "1"},
		Version:  on.Studio.Program, Engine: on.Studio.Engine, Marks: provenance.Marks{Signer: by.Fingerprint()},
	}
}

// labels measures how much longer pictures become by labels and signatures, and how long it takes to
// make and to check both.
func (s *Evidence) labels(_ context.Context, on *Machine, emit func(Row)) error {
	folder, err := os.MkdirTemp("", "atelier-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	by, err := c2pa.OpenSigner(filepath.Join(folder, "signer.pem"), true)
	if err != nil {
		return err
	}
	img := image.NewNRGBA(image.Rect(0, 0, 512, 512))
	for i := range img.Pix {
		img.Pix[i] = uint8(i>>9 | 3)
	}
	for _, f := range []picture.Format{picture.PNG, picture.JPEG, picture.WebP} {
		plain, err := f.Encode(img)
		if err != nil {
			return err
		}
		var labelled, signed []byte
		const rounds = 20
		began := processorSeconds()
		for range rounds {
			if labelled, err = provenance.Write(plain, labelOfSheet(on, by)); err != nil {
				return err
			}
			if signed, err = provenance.Sign(labelled, by); err != nil {
				return err
			}
		}
		written := processorSeconds() - began
		began = processorSeconds()
		for range rounds {
			v, err := app.Verifier{Studio: on.Studio, Signer: by}.Verify(app.File{Name: string(f), Bytes: signed}, nil)
			if err != nil {
				return err
			}
			if !v.Whole || v.Signature.Trust != app.Own {
				return fmt.Errorf("a signed %s is not whole: %v", f, v.Faults)
			}
		}
		checked := processorSeconds() - began
		of := "labels: " + string(f)
		emit(Row{Name: of + ", label and statement", Value: float64(len(labelled) - len(plain)), Unit: "bytes", Holds: true})
		emit(Row{Name: of + ", signature", Value: float64(len(signed) - len(labelled)), Unit: "bytes", Holds: true})
		emit(Row{Name: of + ", labelled and signed in", Value: 1000 * written / rounds, Unit: "ms of processor", Holds: true, N: rounds})
		emit(Row{Name: of + ", verified in", Value: 1000 * checked / rounds, Unit: "ms of processor", Holds: true, N: rounds})
	}
	return nil
}
