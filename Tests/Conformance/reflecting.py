"""Reflection by grpcio's own client of it, which knows v1alpha, and the same over v1."""

from support import GENERATED, NewsTest, PATIENCE, grpc

import grpc_reflection
from google.protobuf import descriptor_pool, message_factory

# grpcio lets its reflection package go by the name grpc.reflection as well: the generated v1 is added to it.
grpc_reflection.__path__.append(str(GENERATED / "grpc" / "reflection"))

from grpc.reflection.v1 import reflection_pb2, reflection_pb2_grpc  # noqa: E402
from grpc_reflection.v1alpha import reflection_pb2 as alpha_pb2  # noqa: E402
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (  # noqa: E402
    ProtoReflectionDescriptorDatabase)


class Reflecting(NewsTest):
    def database(self, version):
        database = ProtoReflectionDescriptorDatabase(self.channel)
        # The messages of both versions have one form: only the path differs.
        database._stub.ServerReflectionInfo = self.channel.stream_stream(
            f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo",
            request_serializer=alpha_pb2.ServerReflectionRequest.SerializeToString,
            response_deserializer=alpha_pb2.ServerReflectionResponse.FromString)
        return database

    def check_services(self, database):
        self.assertEqual(sorted(database.get_services()), [
            "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection",
            "grpc.reflection.v1alpha.ServerReflection", "news.v1.EngagementService", "news.v1.NewsService"])

    def check_call(self, database):
        pool = descriptor_pool.DescriptorPool(database)
        method = pool.FindServiceByName("news.v1.NewsService").FindMethodByName("ListArticles")
        request = message_factory.GetMessageClass(method.input_type)(page_size=1, since="1999")
        answer = message_factory.GetMessageClass(method.output_type)
        call = self.channel.unary_unary(
            "/news.v1.NewsService/ListArticles", request_serializer=lambda m: m.SerializeToString(),
            response_deserializer=answer.FromString)
        self.assertTrue(call(request, timeout=PATIENCE).HasField("resolved_since"))

    def check_names(self, database):
        for name in ["news.v1.NewsService.GetArticle", "news.v1.Article", "news.v1.Article.title",
                     "google.rpc.BadRequest.FieldViolation", "news.v1.TIME_PRECISION_DAY"]:
            self.assertTrue(database.FindFileContainingSymbol(name).name, name)
        self.assertEqual(database.FindFileByName("news/v1/article.proto").package, "news.v1")
        self.assertEqual(list(database.FindAllExtensionNumbers("news.v1.Article")), [])
        with self.assertRaises(KeyError):
            database.FindFileContainingSymbol("no.such.Name")

    def test_the_schema_is_found_in_both_versions(self):
        for version in ["v1", "v1alpha"]:
            for check in [self.check_services, self.check_call, self.check_names]:
                with self.subTest(version=version, check=check.__name__):
                    check(self.database(version))

    def test_errors_leave_the_stream_open(self):
        questions = [
            reflection_pb2.ServerReflectionRequest(file_containing_symbol="news.v1.Nothing"),
            reflection_pb2.ServerReflectionRequest(host="example.com"),
            reflection_pb2.ServerReflectionRequest(all_extension_numbers_of_type="news.v1.Nothing"),
            reflection_pb2.ServerReflectionRequest(file_by_filename="news/v1/news_service.proto"),
        ]
        stub = reflection_pb2_grpc.ServerReflectionStub(self.channel)
        answers = list(stub.ServerReflectionInfo(iter(questions), timeout=PATIENCE))
        codes = [grpc.StatusCode.NOT_FOUND, grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.NOT_FOUND]
        self.assertEqual([a.error_response.error_code for a in answers[:3]], [c.value[0] for c in codes])
        self.assertEqual(len(answers[3].file_descriptor_response.file_descriptor_proto), 5)
        self.assertEqual([a.original_request for a in answers], questions)

    def test_many_questions_wait_for_their_answers(self):
        count = 500
        question = reflection_pb2.ServerReflectionRequest(file_containing_symbol="news.v1.NewsService")
        stub = reflection_pb2_grpc.ServerReflectionStub(self.channel)
        answers = list(stub.ServerReflectionInfo(iter([question] * count), timeout=PATIENCE))
        self.assertEqual(len(answers), count)
