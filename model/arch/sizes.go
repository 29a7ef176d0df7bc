package arch

import (
	"fmt"
	"strings"

	"atelier/data"
	"atelier/internal/registry"
)

// suited adds to the error of an architecture that does not support a spec the names of
// those that do with default settings.
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
	return fmt.Errorf("%w; for that size use %s", err, strings.Join(fit, ", "))
}

// isUsual reports whether an architecture supports the spec with default settings: then
// the size is not the problem.
func isUsual[T any](all *registry.Registry[T], name string, takes func(T) error) bool {
	a, err := all.New(name)
	return err == nil && takes(a) == nil
}

// sized implements the functions below.
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

// GeneratorOf returns the chosen generator for data of a spec. The error names alternatives,
// as do those of the other functions.
func GeneratorOf(c registry.Choice[GeneratorArch], spec data.Spec) (Generator, error) {
	return sized(c, Generators, func(a GeneratorArch) (Generator, error) { return a.Generator(spec) })
}

// DiscriminatorOf returns the chosen discriminator.
func DiscriminatorOf(c registry.Choice[DiscriminatorArch], spec data.Spec) (Discriminator, error) {
	return sized(c, Discriminators, func(a DiscriminatorArch) (Discriminator, error) { return a.Discriminator(spec) })
}

// ClassifierOf returns the chosen classifier.
func ClassifierOf(c registry.Choice[ClassifierArch], spec data.Spec) (Classifier, error) {
	return sized(c, Classifiers, func(a ClassifierArch) (Classifier, error) { return a.Classifier(spec) })
}

// VelocityOf returns the chosen velocity network.
func VelocityOf(c registry.Choice[VelocityArch], spec data.Spec) (Velocity, error) {
	return sized(c, Velocities, func(a VelocityArch) (Velocity, error) { return a.Velocity(spec) })
}
