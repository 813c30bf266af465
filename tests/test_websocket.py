"""The course's lab sends kernel messages at once."""

from jupyter_server.serverapp import ServerApp
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection

from bn_course import lab
from bn_course.websocket import PromptConnection


def test_nothing_waits_for_company(monkeypatch):
    done = []

    class Handler:
        def set_nodelay(self, on):
            done.append(("nodelay", on))

    monkeypatch.setattr(ZMQChannelsWebsocketConnection, "connect", lambda self: done.append("connect"))
    connection = PromptConnection.__new__(PromptConnection)
    monkeypatch.setattr(PromptConnection, "websocket_handler", Handler())
    connection.connect()
    assert done == [("nodelay", True), "connect"]


def test_the_lab_s_own_settings_choose_it(monkeypatch):
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", str(lab._DEFAULTS))
    app = ServerApp()
    app.load_config_file()
    assert app.kernel_websocket_connection_class is PromptConnection
