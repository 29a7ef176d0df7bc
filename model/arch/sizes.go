package arch

import (
	"fmt"
	"strings"

	"atelier/data"
	"atelier/internal/registry"
)

// suited completes the error of an architecture that cannot do with data of a spec: it
// names those of its kind that can, with their usual settings.
func suited[T any](err error, all *registry.Registry[T], takes func(T) error) error {
	if err == nil {
		return nil
	}
	var fit []string
	for e := range all.All() {
		if takes(e.New()) == nil {
			fit = append(fit, e.Name)
		}
	}
	if len(fit) == 0 {
		return err
	}
	return fmt.Errorf("%w; of that size %s can be used", err, strings.Join(fit, ", "))
}

// isUsual reports whether an architecture takes the spec with its usual settings: what is
// wrong is not the size then.
func isUsual[T any](all *registry.Registry[T], name string, takes func(T) error) bool {
	a, err := all.New(name)
	return err == nil && takes(a) == nil
}

// sized is the work of the functions below.
func sized[T, N any](c registry.Choice[T], all *registry.Registry[T], make func(T) (N, error)) (N, error) {
	n, err := make(c.Value)
	takes := func(a T) error {
		_, err := make(a)
		return err
	}
	if err == nil || isUsual(all, c.Use, takes) {
		return n, err
	}
	return n, suited(err, all, takes)
}

// GeneratorOf makes the generator that was chosen for data of a spec. An error names what
// else would do, as those of the other functions do.
func GeneratorOf(c registry.Choice[GeneratorArch], spec data.Spec) (Generator, error) {
	return sized(c, Generators, func(a GeneratorArch) (Generator, error) { return a.Generator(spec) })
}

// DiscriminatorOf makes the discriminator that was chosen.
func DiscriminatorOf(c registry.Choice[DiscriminatorArch], spec data.Spec) (Discriminator, error) {
	return sized(c, Discriminators, func(a DiscriminatorArch) (Discriminator, error) { return a.Discriminator(spec) })
}

// ClassifierOf makes the classifier that was chosen.
func ClassifierOf(c registry.Choice[ClassifierArch], spec data.Spec) (Classifier, error) {
	return sized(c, Classifiers, func(a ClassifierArch) (Classifier, error) { return a.Classifier(spec) })
}

// VelocityOf makes the velocity that was chosen.
func VelocityOf(c registry.Choice[VelocityArch], spec data.Spec) (Velocity, error) {
	return sized(c, Velocities, func(a VelocityArch) (Velocity, error) { return a.Velocity(spec) })
}
