package bench

import (
	"context"
	"fmt"
	"image"

	"atelier/internal/picture"
	"atelier/internal/provenance"
	"atelier/model/run"
)

func init() { evidenceParts = append(evidenceParts, evidencePart{"labels", measureLabels}) }

// labelOfSheet is the label of a usual work: a sheet of 64 samples.
func labelOfSheet(on *Machine) provenance.Label {
	return provenance.Label{
		Run: "0001-fashion", Checkpoint: "5c2efaaa7ed7f9af3245dacbba7553cc6509def690d36598bd57229a7a883fee", Seeds: run.Seeds(1, 64),
		Settings: map[string]string{"as": "sheet", "format": "png", "n": "64", "seed": "1", "truncation": "1"},
		Version:  on.Studio.Program, Engine: on.Engine,
	}
}

// measureLabels measures how much longer pictures become by labels.
func measureLabels(_ context.Context, on *Machine, emit func(Row)) error {
	for _, f := range []picture.Format{picture.PNG, picture.JPEG, picture.WebP} {
		plain, err := f.Encode(image.NewNRGBA(image.Rect(0, 0, 64, 64)))
		if err != nil {
			return err
		}
		labelled, err := provenance.Write(plain, labelOfSheet(on))
		if err != nil {
			return err
		}
		emit(Row{Name: fmt.Sprintf("labels: %s of a sheet of 64 samples", f), Value: float64(len(labelled) - len(plain)), Unit: "bytes", Holds: true})
	}
	return nil
}
