package main

// WidgetSpec is what a Widget wants.
type WidgetSpec struct {
	// Image runs the widget.
	// +kubebuilder:default="ghcr.io/kestrel/go-marker:main"
	Image string `json:"image,omitempty"`
}
