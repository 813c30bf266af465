"""Kernel messages that are sent when they are ready: for sliders, 40 ms sooner.

Jupyter's server leaves Nagle's algorithm on, so that a figure waits in the server until the browser has
acknowledged the short message before it (that the kernel is busy), and Linux acknowledges late, after 40 ms.
`bn-course lab` starts JupyterLab with this connection (`_jupyter/jupyter_server_config.json`). Elsewhere:

    jupyter lab --ServerApp.kernel_websocket_connection_class=bn_course.websocket.PromptConnection
"""

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection


class PromptConnection(ZMQChannelsWebsocketConnection):
    """The server's own connection between a browser and a kernel, with TCP_NODELAY."""

    def connect(self):
        """Connect as usual; then nothing waits for company."""
        self.websocket_handler.set_nodelay(True)
        return super().connect()
