package arch

import (
	"strings"
	"testing"

	"atelier/data"
	"atelier/internal/registry"
)

// A refusal of a size names what is there for it; one of another setting does not.
func TestRefusalsNameWhatWouldDo(t *testing.T) {
	pictures := func(side int) data.Spec {
		return data.Spec{Fields: []data.Field{{Name: data.Target, Kind: data.Pixels, Shape: []int{side, side, 1}, Low: -1, High: 1}}}
	}
	_, err := DiscriminatorOf(registry.Choose[DiscriminatorArch]("dcgan"), pictures(128))
	if err == nil || !strings.HasSuffix(err.Error(), "; for that size use mlp, resnet") {
		t.Errorf("a discriminator of 128 pixels: %v", err)
	}
	_, err = GeneratorOf(registry.Choose[GeneratorArch]("dcgan"), pictures(128))
	if err == nil || !strings.HasSuffix(err.Error(), "; for that size use mlp, resnet, style") {
		t.Errorf("a generator of 128 pixels: %v", err)
	}
	wide := registry.Choose[GeneratorArch]("dcgan")
	wide.Value.(*DCGANGenerator).Width = 1 << 20
	if _, err = GeneratorOf(wide, pictures(28)); err == nil || strings.Contains(err.Error(), "for that size use") {
		t.Errorf("a wide generator: %v", err)
	}
	if _, err = VelocityOf(registry.Choose[VelocityArch]("unet"), pictures(512)); err == nil || !strings.Contains(err.Error(), "16 to 256 pixels a side") {
		t.Errorf("a velocity of 512 pixels: %v", err)
	}
}
