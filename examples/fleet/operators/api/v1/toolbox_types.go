package v1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// ToolboxSpec says which tools an agent starts.
type ToolboxSpec struct {
	// Image is the container image of the tools.
	Image string `json:"image"`

	// Replicas of the tools.
	// +optional
	Replicas *int32 `json:"replicas,omitempty"`
}

// +kubebuilder:object:root=true

// Toolbox is a set of tools for agents.
type Toolbox struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec ToolboxSpec `json:"spec,omitempty"`
}
