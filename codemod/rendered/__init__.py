"""What a cluster would show: the images and pull policies of rendered objects, judged by the policy of the gate."""
